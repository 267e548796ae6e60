namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>The header lines of the HTTP libraries that the programs use.</summary>
internal static class Headers
{
    /// <summary>npm openai on Node's fetch.</summary>
    public const string OpenAiNode =
        """
        host: {host}
        connection: keep-alive
        accept: application/json
        content-type: application/json
        user-agent: OpenAI/JS 5.23.2
        x-stainless-retry-count: 0
        x-stainless-timeout: 600
        x-stainless-lang: js
        x-stainless-package-version: 5.23.2
        x-stainless-os: Linux
        x-stainless-arch: x64
        x-stainless-runtime: node
        x-stainless-runtime-version: v20.19.2
        authorization: Bearer {key}
        accept-language: *
        sec-fetch-mode: cors
        accept-encoding: gzip, deflate
        content-length: {length}
        """;

    /// <summary>Node's fetch alone.</summary>
    public const string NodeFetch =
        """
        host: {host}
        connection: keep-alive
        Content-Type: application/json
        Authorization: Bearer {key}
        accept: */*
        accept-language: *
        sec-fetch-mode: cors
        user-agent: node
        accept-encoding: gzip, deflate
        content-length: {length}
        """;

    /// <summary>Python's openai on httpx.</summary>
    public const string OpenAiPython =
        """
        Host: {host}
        Accept-Encoding: gzip, deflate
        Connection: keep-alive
        Accept: application/json
        Content-Type: application/json
        User-Agent: OpenAI/Python 1.99.1
        X-Stainless-Lang: python
        X-Stainless-Package-Version: 1.99.1
        X-Stainless-OS: Linux
        X-Stainless-Arch: x64
        X-Stainless-Runtime: CPython
        X-Stainless-Runtime-Version: 3.12.11
        Authorization: Bearer {key}
        X-Stainless-Async: false
        x-stainless-retry-count: 0
        x-stainless-read-timeout: 600
        Content-Length: {length}
        """;

    /// <summary>Python's requests.</summary>
    public const string Requests =
        """
        Host: {host}
        User-Agent: python-requests/2.32.4
        Accept-Encoding: gzip, deflate
        Accept: */*
        Connection: keep-alive
        Authorization: Bearer {key}
        Content-Length: {length}
        Content-Type: application/json
        """;

    /// <summary>axios on Node's http.</summary>
    public const string Axios =
        """
        Accept: application/json, text/plain, */*
        Content-Type: application/json
        Authorization: Bearer {key}
        User-Agent: axios/1.12.1
        Content-Length: {length}
        Accept-Encoding: gzip, compress, deflate, br
        Host: {host}
        Connection: keep-alive
        """;

    /// <summary>aiohttp, with the user whom Open WebUI forwards where its administrator says so.</summary>
    public const string AioHttp =
        """
        Host: {host}
        Authorization: Bearer {key}
        Content-Type: application/json
        X-OpenWebUI-User-Name: Ann%20Example
        X-OpenWebUI-User-Id: 3f0c8f0e-95e6-4d2e-9c0e-1f1d2f7a4b11
        X-OpenWebUI-User-Email: ann%40example.org
        X-OpenWebUI-User-Role: user
        Accept: */*
        Accept-Encoding: gzip, deflate, br
        User-Agent: Python/3.11 aiohttp/3.12.15
        Content-Length: {length}
        """;

    public static string WithForm(this string headers) =>
        headers.Replace("-type: application/json", "-type: multipart/form-data; boundary={boundary}", StringComparison.Ordinal)
            .Replace("-Type: application/json", "-Type: multipart/form-data; boundary={boundary}", StringComparison.Ordinal);
}
