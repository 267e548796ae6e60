namespace GenApi.Bench;

/// <summary>Configures nginx for files without tuning for one test: sendfile, one worker per core, no access log.</summary>
internal static class NginxConfiguration
{
    public static string For(int port, string folder, string files) => $$"""
        daemon off;
        worker_processes auto;
        {{(Environment.UserName == "root" ? "user root;" : "")}}
        pid {{folder}}/nginx.pid;
        error_log stderr warn;
        events { worker_connections 1024; }
        http {
          types { image/png png; image/webp webp; }
          access_log off;
          sendfile on;
          tcp_nopush on;
          keepalive_timeout 75s;
          keepalive_requests 100000000;
          client_body_temp_path {{folder}}/nginx-body;
          proxy_temp_path {{folder}}/nginx-proxy;
          fastcgi_temp_path {{folder}}/nginx-fastcgi;
          uwsgi_temp_path {{folder}}/nginx-uwsgi;
          scgi_temp_path {{folder}}/nginx-scgi;
          server {
            listen 127.0.0.1:{{port}};
            root {{files}};
          }
        }
        """;
}
