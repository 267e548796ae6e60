using System.Text;
using System.Text.RegularExpressions;

namespace GenApi.Tests.Fuzz;

/// <summary>Draws requests, mostly for existing routes, with something wrong somewhere.</summary>
internal sealed partial class FuzzRequests(IReadOnlyList<FuzzOperation> operations, FuzzIds ids, Uri address)
{
    private static readonly string[] Methods =
    [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "QUERY", "get", "G\u00cbT",
        "X-" + new string('M', 50),
    ];

    private static readonly string[] Models =
        ["sdxl", "sd", "flux-schnell", "nothing", "SDXL", "sdxl:1", "%20", "a%2Fb", "%00", "\u00e9", "..", new string('m', 300)];

    private static readonly string[] Words = ["stability-ai/sdxl", "sandbox/fails", "nobody/nothing", "a/%00", "%ff/%ff", "../..", "a/b:c"];

    private static readonly string[] Nowhere =
    [
        "/nowhere", "//", "/generate/", "/GENERATE", "/generations/x/y/z", "/images", "/openapi/v2.json", "/openapi/..%2fv1.json",
        "/swagger/nothing.js", "/webhooks/replicate", "/%00", "/\u00e9", "*", "http://other.example/generate", "/generate;a=b", "generate",
        "/..%2f..%2fetc/passwd", "/./generate", "/../generate",
    ];

    private static readonly string[] Values =
    [
        "", "1", "0", "100", "101", "-1", "a", "succeeded", "queued", "sdxl", "stability-ai/sdxl", "2026-01-31T12:00:00Z",
        "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00", "%22fox%22", "fox*", "a%20OR%20b", "NEAR(", "%00", "%ff", "%ed%a0%80",
        "%zz", "AAAAAAAAAAAAAAAAAAAAAA", "f39_f39_f39_f39_f39_fw", "%F0%9F%A6%8A", "''", "\u00e9",
    ];

    private static readonly string[] Headers =
    [
        "Prefer: wait=0", "Prefer: wait=1", "Prefer: respond-async", "Prefer: wait=-1", "Prefer: wait=\"", "Prefer: ;;,,=",
        "Prefer: wait=0; a=\"b, wait=9\"", "Range: bytes=0-0", "Range: bytes=-1", "Range: bytes=5-2",
        "Range: bytes=99999999999999999999-", "Range: bytes=0-1,5-6", "Range: bytes=-0", "Range: items=0-1", "Range: x", "If-None-Match: *",
        "If-None-Match: \"a\", W/\"1\"", "If-None-Match: \"", "If-Match: *", "If-Match: \"x\"",
        "If-Modified-Since: Thu, 01 Jan 2099 00:00:00 GMT", "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT", "If-Modified-Since: x",
        "If-Range: \"x\"", "Idempotency-Key: k1", "Idempotency-Key: \"k2\"",
        "Idempotency-Key: \"", "Idempotency-Key: a b", "Idempotency-Key:", "Cache-Control: no-cache", "Cache-Control: only-if-cached",
        "Cache-Control: max-age=x,,=", "Cache-Control: no-cache=\"", "Last-Event-ID: 1",
        "Last-Event-ID: 99999999999999999999", "Last-Event-ID: x", "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "traceparent: 00-00000000000000000000000000000000-0000000000000000-00", "traceparent: x",
        "tracestate: a=b,,=", "baggage: a=b;c,=", "X-Request-Id: r1", "X-Request-Id: a b {Injected} \" %0d%0aX: y",
        "X-Forwarded-For: 1.2.3.4", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: javascript", "Forwarded: for=\"",
        "Accept: text/html", "Accept: x", "Accept-Encoding: gzip, br;q=x", "Cookie: a=b; =", "Expect: 100-continue", "TE: trailers",
        "Upgrade: h2c", "Connection: Upgrade, HTTP2-Settings", "Origin: https://evil.example",
        "Sec-Fetch-Site: cross-site", "X-HTTP-Method-Override: DELETE", "webhook-id: msg_1", "webhook-signature: v1,x",
        "Content-Disposition: x", "Date: x", "Max-Forwards: -1", "Accept-Charset: utf-16", "X-Api-Key: genapi_x",
    ];

    private static readonly string[] BadHeaders =
    [
        "X: \0", "X\u00e9: a", "X-Request-Id: \u00e9", " : a", "no colon", "X Y: a", "X : a", "\tX: a", "X: a\r\n folded",
        "Host: other.example", "X: " + new string('h', 40_000), ": empty", "X-Request-Id: \ud83e",
    ];

    private static readonly string[] Authorizations =
    [
        "Bearer genapi_nothing", "Bearer", "Bearer  ", "Basic YTpi", "bearer x y", "Digest a=\"", "genapi_",
        "Bearer genapi_0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdef", "Bearer " + new string('k', 5000),
    ];

    private static readonly string[] Hosts = ["other.example", "other.example:99", "[::1]:80", "localhost", "LOCALHOST:1", "127.0.0.1", ""];

    private static readonly string[] BadHosts = ["a b", "a/b", "[::1", ":80", "a:b", "\u00e9", "a,b", "user@host", "a:99999999"];

    private readonly List<FuzzOperation> _withBody = [.. operations.Where(each => each.Examples.Count > 0 || each.TakesFile)];

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter { get; }

    /// <summary>Whether a part is empty or resolved by the server before routing, so that the path leads elsewhere.</summary>
    [GeneratedRegex("/(\\.|%2e){0,2}(/|$)", RegexOptions.IgnoreCase)]
    private static partial Regex OtherPath { get; }

    public FuzzRequest Draw(Random random)
    {
        var operation = Operation(random);
        var isKnown = random.Next(20) > 0;
        var path = isKnown
            ? Parameter.Replace(operation.Path, each => Value(random, operation.Path, each.Groups[1].Value))
            : random.GetItems(Nowhere, 1)[0];
        var method = random.Next(15) > 0 ? operation.Method : random.GetItems(Methods, 1)[0];
        var target = path + (random.Next(3) == 0 || operation.Queries.Count > 0 ? Query(random, operation) : "");
        var headers = new List<string>();
        var isBroken = AddHost(random, headers) | AddHeaders(random, headers);
        var (body, isBadBody, isCutOff) = new FuzzBody(random, ids).Draw(operation, headers);
        var version = random.Next(150) == 0
            ? random.GetItems(["HTTP/1.0", "HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "FTP/1.1", ""], 1)[0]
            : "HTTP/1.1";
        // The server itself refuses non-ASCII paths and header fields and overlong lines.
        isBroken |= isBadBody
            || version != "HTTP/1.1" || method.Any(each => !char.IsAsciiLetterUpper(each)) || method == "CONNECT" || !IsGood(target)
            || target.Length > 8000;
        byte[] bytes =
        [
            .. Encoding.Latin1.GetBytes($"{method} {target} {version}\r\n{string.Concat(headers.Select(each => each + "\r\n"))}\r\n"),
            .. body,
        ];
        var isMeant = isKnown && method == operation.Method && !isBroken && !OtherPath.IsMatch(path);
        return new FuzzRequest(bytes, method, path, isMeant ? operation : null, isBroken, isCutOff);
    }

    /// <summary>Draws an operation: mostly one with a body, and rarely a deletion, so that something is left to request.</summary>
    private FuzzOperation Operation(Random random)
    {
        var operation = random.Next(10) < 4 ? _withBody[random.Next(_withBody.Count)] : operations[random.Next(operations.Count)];
        return operation.Method == "DELETE" && random.Next(4) > 0 ? Operation(random) : operation;
    }

    private string Value(Random random, string path, string parameter) => parameter switch
    {
        "alias" => random.GetItems(Models, 1)[0],
        "owner" => random.GetItems(Words, 1)[0].Split('/')[0],
        "name" => random.GetItems(Words, 1)[0].Split('/')[1],
        _ => ids.Draw(random, FuzzIds.PrefixOf(path, parameter)),
    };

    private static string Query(Random random, FuzzOperation operation)
    {
        var pairs = new List<string>();
        for (var more = random.Next(4); more > 0; more--)
        {
            var name = operation.Queries.Count > 0 && random.Next(6) > 0
                ? operation.Queries[random.Next(operation.Queries.Count)]
                : random.GetItems(["x", "", "%00", "limit", "q", "download", "\u00e9"], 1)[0];
            pairs.Add(random.Next(10) > 0 ? $"{name}={random.GetItems(Values, 1)[0]}" : name);
        }
        if (random.Next(200) == 0)
            pairs.Add("q=" + new string('q', random.Next(300, 20_000)));
        return pairs.Count == 0 ? random.GetItems(["", "?", "?&&", "??", "?="], 1)[0] : "?" + string.Join('&', pairs);
    }

    private bool AddHost(Random random, List<string> headers)
    {
        switch (random.Next(60))
        {
            case 0:
                return true;
            case 1:
                headers.Add($"Host: {random.GetItems(BadHosts, 1)[0]}");
                return true;
            case < 5:
                headers.Add($"Host: {random.GetItems(Hosts, 1)[0]}");
                return false;
            default:
                headers.Add($"Host: {address.Authority}");
                return false;
        }
    }

    private static bool AddHeaders(Random random, List<string> headers)
    {
        if (random.Next(30) > 0)
            headers.Add($"Authorization: Bearer {Accounts.Keys.Admin}");
        else if (random.Next(3) > 0)
            headers.Add($"Authorization: {random.GetItems(Authorizations, 1)[0]}");
        for (var more = random.Next(4); more > 0; more--)
            headers.Add(random.GetItems(Headers, 1)[0]);
        // Every request has its own connection.
        headers.Add("Connection: close");
        if (random.Next(50) > 0)
            return false;
        headers.Add(random.GetItems(BadHeaders, 1)[0]);
        return true;
    }

    private static bool IsGood(string target) => target.StartsWith('/') && target.All(each => each is > ' ' and <= '~')
        && !target.Contains("%00", StringComparison.Ordinal) && !Regex.IsMatch(target.Split('?')[0], "%(?![0-9a-fA-F]{2})");
}
