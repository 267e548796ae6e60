using System.Globalization;
using GenApi.Tests.Servers;
using Npgsql;

namespace GenApi.Tests.Persistence;

/// <summary>
/// A PostgreSQL server of these tests on a loopback port, made from Debian's packages. <see cref="SharedAsync"/> starts one for all tests;
/// a test that stops its server starts one for itself. The server ends with this process, even if it is killed.
/// <code>
/// Assert.SkipWhen(PostgresServer.Missing is not null, PostgresServer.Missing!);
/// var server = await PostgresServer.SharedAsync();
/// var database = await server.CreateDatabaseAsync();
/// var connectionString = server.ConnectionString(database);
/// </code>
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>The role that services use. It owns its databases, and is no superuser.</summary>
    public const string User = "genapi";

    /// <summary>The password of both roles.</summary>
    public const string Password = "a-password-of-the-tests";

    private static readonly string? Programs = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql").Select(each => Path.Combine(each, "bin"))
            .Where(each => File.Exists(Path.Combine(each, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault()
        : null;

    private static readonly Lazy<Task<PostgresServer>> Shared = new(() => StartAsync());

    private readonly string _folder;
    private readonly IAsyncDisposable _end;
    private readonly Lazy<Task<int>> _pooler;
    private static int _databases;

    private PostgresServer(string folder, int port, IAsyncDisposable end)
    {
        (_folder, Port, _end) = (folder, port, end);
        _pooler = new(StartPoolerAsync);
    }

    /// <summary>Says why no server can be started here; null: one can.</summary>
    public static string? Missing => Programs is null ? "PostgreSQL is not installed (Debian: postgresql)." : null;

    /// <summary>Says why no pooler can be started here; null: one can.</summary>
    public static string? PoolerMissing =>
        Missing ?? (ServerPrograms.Find("pgbouncer") is null ? "pgbouncer is not installed (Debian: pgbouncer)." : null);

    public int Port { get; }

    /// <summary>Returns the one server of all tests, which is started by the first call.</summary>
    public static Task<PostgresServer> SharedAsync() => Shared.Value;

    /// <summary>Starts a server. It takes about a second.</summary>
    /// <param name="isDurable">Whether a commit waits for the disk. A kill of the server loses nothing either way.</param>
    public static async Task<PostgresServer> StartAsync(bool isDurable = false)
    {
        var folder = await ServerPrograms.MakeFolderAsync("genapi-postgres-");
        var (data, password, port) = (Path.Combine(folder, "data"), Path.Combine(folder, "password"), ServerPrograms.FreePort());
        var stop = ServerPrograms.Shell(Path.Combine(Programs!, "pg_ctl"), "stop", "--pgdata", data, "--mode=immediate", "--silent");
        var end = ServerPrograms.OnceGone(
            $"kill $(cat {folder}/pgbouncer.pid 2> /dev/null) 2> /dev/null; {stop} > /dev/null 2>&1; rm -rf {folder}");
        var server = new PostgresServer(folder, port, end);
        try
        {
            await ServerPrograms.WriteAsync(password, Password);
            await RunAsync("initdb", "--pgdata", data, "--username=postgres", $"--pwfile={password}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync");
            await File.AppendAllTextAsync(Path.Combine(data, "postgresql.conf"), $"""

                listen_addresses = '127.0.0.1'
                port = {port}
                unix_socket_directories = ''
                max_connections = 500
                fsync = {(isDurable ? "on" : "off")}
                full_page_writes = {(isDurable ? "on" : "off")}
                shared_buffers = 128MB
                max_wal_size = 2GB
                autovacuum_naptime = 10min
                password_encryption = scram-sha-256
                """);
            await server.ControlAsync("start");
            await server.AdminAsync($"CREATE ROLE {User} LOGIN CREATEDB PASSWORD '{Password}'");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a database that belongs to <see cref="User"/>.</summary>
    /// <param name="template">A database that nobody uses meanwhile, to be copied; null: an empty one.</param>
    /// <returns>Its name.</returns>
    public async Task<string> CreateDatabaseAsync(string? template = null)
    {
        var name = string.Create(
            CultureInfo.InvariantCulture, $"t{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}");
        var source = template is null ? "template0" : $"\"{template}\"";
        await AdminAsync($"CREATE DATABASE \"{name}\" OWNER {User} TEMPLATE {source}");
        return name;
    }

    /// <summary>Removes a database, whoever is connected to it.</summary>
    public Task DropDatabaseAsync(string name) => AdminAsync($"DROP DATABASE IF EXISTS \"{name}\" WITH (FORCE)");

    /// <param name="database">The database.</param>
    /// <param name="port">The port of a pooler or a proxy; null: the server's.</param>
    public string ConnectionString(string database, int? port = null) => string.Create(
        CultureInfo.InvariantCulture,
        $"Host=127.0.0.1;Port={port ?? Port};Database={database};Username={User};Password={Password}");

    /// <summary>Starts pgbouncer in transaction mode before this server, at the first call.</summary>
    /// <returns>Its port.</returns>
    public Task<int> PoolerAsync() => _pooler.Value;

    /// <summary>Ends all connections to a database as an administrator would (57P01).</summary>
    public Task CutAsync(string database) => AdminAsync(
        $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}' AND pid <> pg_backend_pid()");

    /// <summary>Stops the server without any goodbye: every connection breaks, and the next start recovers.</summary>
    public Task StopAsync() => ControlAsync("stop", "--mode=immediate");

    public Task StartAgainAsync() => ControlAsync("start");

    /// <summary>Runs a statement as the superuser, outside of any transaction.</summary>
    public async Task<object?> AdminAsync(string sql, string database = "postgres")
    {
        await using var connection = new NpgsqlConnection(
            ConnectionString(database).Replace($"Username={User}", "Username=postgres", StringComparison.Ordinal) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }

    public ValueTask DisposeAsync() => _end.DisposeAsync();

    private Task<string> ControlAsync(string action, params string[] options) => RunAsync(
        "pg_ctl",
        [action, "--pgdata", Path.Combine(_folder, "data"), "--log", Path.Combine(_folder, "log"), "--wait", "--silent", .. options]);

    private static Task<string> RunAsync(string program, params string[] arguments) =>
        ServerPrograms.RunAsync(Path.Combine(Programs!, program), arguments);

    private async Task<int> StartPoolerAsync()
    {
        var port = ServerPrograms.FreePort();
        var settings = Path.Combine(_folder, "pgbouncer.ini");
        var users = Path.Combine(_folder, "users.txt");
        await ServerPrograms.WriteAsync(users, $"\"{User}\" \"{Password}\"\n");
        await ServerPrograms.WriteAsync(settings, $"""
            [databases]
            * = host=127.0.0.1 port={Port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = scram-sha-256
            auth_file = {users}
            pool_mode = transaction
            max_client_conn = 1000
            default_pool_size = 10
            server_login_retry = 1
            logfile = {_folder}/pgbouncer.log
            pidfile = {_folder}/pgbouncer.pid
            """);
        await ServerPrograms.RunAsync(ServerPrograms.Find("pgbouncer")!, ["--daemon", settings]);
        await ServerPrograms.ListensAsync(port);
        return port;
    }
}
