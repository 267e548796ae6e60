using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Core.Persistence;
using GenApi.Tests.Fuzz;
using GenApi.Tests.Uploads;

namespace GenApi.Tests.Documentation;

/// <summary>A request as a client sends it.</summary>
/// <param name="Path">The path in the document; null: one that is not there.</param>
internal sealed record MixedRequest(
    string Method, string? Path, string Target, Func<HttpContent>? Body, IReadOnlyList<(string Name, string Value)> Headers)
{
    public override string ToString() => $"{Method} {Target} {string.Join(' ', Headers.Select(each => $"{each.Name}: {each.Value}"))}";
}

/// <summary>
/// Draws good and bad requests for every operation of the document in turn. The first of each operation is good and has a sufficient key.
/// </summary>
internal sealed partial class MixedRequests
{
    private const string Json = "application/json";
    private const string RotateOwn = "/accounts/me/webhook-secret/rotate";
    private const int TooLarge = 13 << 20, OneInRare = 25;

    private static readonly string[] Methods = ["PUT", "PATCH", "POST", "DELETE", "HEAD", "OPTIONS", "TRACE", "QUERY"];

    private static readonly string[] Good =
    [
        """{ "prompt": "a red fox", "model": "sdxl", "width": 64, "height": 64, "seed": 1 }""",
        """{ "prompt": "a red fox", "model": "sdxl", "width": 64, "height": 64, "seed": 2, "input": { "scheduler": "K_EULER" } }""",
        """{ "prompt": "a lighthouse", "model": "sd", "width": 64, "height": 64, "num_outputs": 2, "cache": "refresh" }""",
        """{ "prompt": "a boat", "model": "sandbox/clip", "webhook": "http://127.0.0.1:1/", "webhook_events_filter": ["start"] }""",
        """{ "prompt": "a boat", "model": "sandbox/clip", "width": 64, "height": 64, "cache": "refresh", "metadata": { "a": "b" } }""",
        """{ "prompt": "words", "model": "sandbox/words", "seed": 4 }""",
        """{ "prompt": "facts", "model": "sandbox/facts", "width": 64, "height": 64, "seed": 5 }""",
        """{ "prompt": "sound", "model": "sandbox/sound", "seed": 6 }""",
    ];

    private static readonly string[] Bad =
    [
        "{", "[]", "{}", """{ "prompt": "" }""",
        """{ "prompt": 1, "width": -1, "nothing": true }""", """{ "prompt": "a", "model": "nobody/nothing" }""",
        """{ "prompt": "a", "model": "sandbox/fails" }""", """{ "prompt": "a", "model": "sandbox/refuses" }""",
        """{ "prompt": "a", "model": "sandbox/empty" }""", """{ "prompt": "a", "model": "sdxl", "steps": 100000 }""",
        """{ "prompt": "a", "model": "sdxl", "image": "upl_01knf4sgd2e4y8c25mgcv9w4c1" }""",
        """{ "prompt": "a", "input": { "nothing": 1 } }""",
        """{ "name": "", "rights": ["nothing"] }""", """{ "prompt": "a", "webhook": "http://192.0.2.1/" }""",
        """{ "budgets": { "day": "-1" } }""",
    ];

    private static readonly string[] Values =
        ["", "x", "0", "-1", "101", "2026-13-01", "succeeded,failed", "AAAAAAAAAAAAAAAAAAAAAA", "%00"];

    private static readonly (string, string)[] Headers =
    [
        ("If-None-Match", "\"x\""), ("If-None-Match", "*"), ("Accept", "text/html"), ("X-Request-Id", "r1"), ("Prefer", "wait=0"),
        ("Range", "x"),
    ];

    /// <summary>Headers that operations evaluate.</summary>
    private static readonly Dictionary<string, (string, string)[]> HeadersOf = new()
    {
        ["/generate"] =
        [
            ("Prefer", "wait=0"), ("Prefer", "respond-async"), ("Prefer", "wait=20"), ("Cache-Control", "only-if-cached"),
            ("Cache-Control", "no-cache"), ("Idempotency-Key", "one"), ("Idempotency-Key", "a b"),
        ],
        ["/images/{id}"] = [("If-None-Match", "*"), ("If-Match", "\"x\""), ("Range", "bytes=0-9"), ("Range", "bytes=999999999-")],
        ["/files/{id}"] = [("If-None-Match", "*"), ("If-Match", "\"x\""), ("Range", "bytes=0-9"), ("Range", "bytes=999999999-")],
        ["/usage"] = [("Accept", "text/csv")],
        ["/metrics"] = [("Accept", "application/openmetrics-text")],
        ["/generations/{id}/events"] = [("Last-Event-ID", "1000"), ("Last-Event-ID", "x")],
    };

    /// <summary>The most frequent operations, and those that can fail in the most ways.</summary>
    private static readonly string[] Busy =
        ["/generate", "/generate", "/images/{id}", "/files/{id}", "/uploads", "/images/read", "/accounts/keys", "/usage", "/metrics"];

    private readonly IReadOnlyList<Operation> _operations;
    private readonly FuzzIds _ids;
    private readonly IReadOnlyList<string?> _keys;
    private readonly IReadOnlyList<string> _redeliveries;
    private readonly IReadOnlyList<MixedRequest> _rare;
    private string? _deleted;

    /// <param name="document">The API document.</param>
    /// <param name="ids">Existing ids.</param>
    /// <param name="keys">Secrets; the first key has every right. Null: none is sent.</param>
    /// <param name="poor">The secret of a key that may spend nothing.</param>
    /// <param name="redeliveries">Paths of deliveries, which are valid only with their generation.</param>
    public MixedRequests(JsonElement document, FuzzIds ids, IReadOnlyList<string?> keys, string poor, IReadOnlyList<string> redeliveries)
    {
        (_ids, _keys, _redeliveries) = (ids, keys, redeliveries);
        // Deletions come last, so that the first round finds everything.
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path =>
            path.Value.EnumerateObject().Select(each => new Operation(each.Name.ToUpperInvariant(), path.Name, each.Value)));
        _operations = [.. operations.OrderBy(each => each.Method == "DELETE")];
        const string unseen = """{ "prompt": "never asked before", "model": "sdxl", "width": 64, "height": 64, "seed": 9 }""";
        // A body that is too large is refused before it is sent.
        _rare =
        [
            Generate(poor, unseen), Generate(keys[0], unseen, ("Cache-Control", "only-if-cached")),
            Generate(keys[0], """{ "prompt": "a", "model": "sandbox/refuses" }"""),
            Generate(keys[0], """{ "prompt": "a", "model": "sandbox/fails" }"""),
            Generate(keys[0], new string(' ', TooLarge), ("Expect", "100-continue")),
            new("GET", "/usage", "/usage", null, [("Authorization", $"Bearer {keys[0]}"), ("Accept", "text/csv")]),
            // The key of the settings has no separate webhook secret.
            new("POST", RotateOwn, RotateOwn, null, [("Authorization", $"Bearer {Accounts.Keys.Admin}")]),
        ];

        static MixedRequest Generate(string? key, string body, params (string, string)[] headers) =>
            new("POST", "/generate", "/generate", () => new StringContent(body, Encoding.UTF8, Json),
                [("Authorization", $"Bearer {key}"), .. headers]);
    }

    public int Operations => _operations.Count;

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Parameter { get; }

    public MixedRequest Draw(int number, Random random)
    {
        var isFirst = number < _operations.Count;
        if (!isFirst && number % OneInRare == 0)
            return _rare[number / OneInRare % _rare.Count];
        var operation = _operations[number % _operations.Count];
        if (!isFirst && random.Next(3) == 0 && random.GetItems(Busy, 1)[0] is var busy)
            operation = random.GetItems(_operations.Where(each => each.Path == busy && each.Method is ("GET" or "POST")).ToArray(), 1)[0];
        var isGood = isFirst || random.Next(3) > 0;
        var key = isFirst || random.Next(3) > 0 ? _keys[0] : _keys[random.Next(_keys.Count)];
        var method = isGood || random.Next(6) > 0 ? operation.Method : random.GetItems(Methods, 1)[0];
        var isThere = isGood || random.Next(20) > 0;
        var target = !isThere ? $"/nowhere/{random.Next(10)}"
            : isGood && operation.Path.Contains("{delivery_id}", StringComparison.Ordinal) ? random.GetItems(_redeliveries.ToArray(), 1)[0]
            : Parameter.Replace(operation.Path, each => Value(random, operation.Path, each.Groups[1].Value, isGood));
        if (!isGood && operation.Queries.Count > 0 && random.Next(2) > 0)
            target += $"?{random.GetItems(operation.Queries.Append("nothing").ToArray(), 1)[0]}={random.GetItems(Values, 1)[0]}";
        // Otherwise the stream would go on.
        if (operation.Path == "/events")
            target += target.Contains('?', StringComparison.Ordinal) ? "&follow=false" : "?follow=false";
        var headers = new List<(string, string)>();
        if (key is not null)
            headers.Add(("Authorization", $"Bearer {key}"));
        if (!isFirst && random.Next(2) > 0)
            headers.Add(random.GetItems(HeadersOf.GetValueOrDefault(operation.Path, Headers), 1)[0]);
        var body = method is "POST" or "PATCH" or "PUT" ? Body(operation, random, isGood) : null;
        return new(method, isThere ? operation.Path : null, target, body, headers);
    }

    private Func<HttpContent>? Body(Operation operation, Random random, bool isGood)
    {
        var isJson = isGood || random.Next(6) > 0;
        if (operation.Takes.Contains("multipart/form-data"))
        {
            var picture = isGood ? InputPictures.Plain(24, 24) : Encoding.UTF8.GetBytes("no picture");
            return random.Next(2) == 0
                ? () => new ByteArrayContent(picture)
                : () => new MultipartFormDataContent { { new ByteArrayContent(picture), "file", "a.png" } };
        }
        if (!operation.Takes.Contains(Json))
            return isJson ? null : () => new StringContent("{}", Encoding.UTF8, Json);
        var text = !isGood ? random.GetItems(Bad, 1)[0]
            : operation.Path == "/session" ? $$"""{ "key": "{{_keys[0]}}" }"""
            : operation.Path.StartsWith("/generate", StringComparison.Ordinal) ? random.GetItems(Good, 1)[0]
            : operation.Path.StartsWith("/images/", StringComparison.Ordinal) ? Selection(operation.Path, random)
            : """{ "name": "another", "rights": ["read"], "budgets": { "day": "5.00" }, "expires_at": "2040-01-01T00:00:00Z" }""";
        return () => new StringContent(text, Encoding.UTF8, isJson ? Json : "text/plain");
    }

    /// <summary>Names an image; a restoration names the last one that was deleted.</summary>
    private string Selection(string path, Random random)
    {
        var id = path == "/images/restore" ? _deleted : _ids.Existing(random, PublicId.Image);
        if (path == "/images/delete")
            _deleted = id;
        return $$"""{ "ids": ["{{id}}"] }""";
    }

    private string Value(Random random, string path, string parameter, bool isGood) => parameter switch
    {
        "alias" => isGood ? "sdxl" : random.GetItems(["sdxl", "sdxll", "a%20b"], 1)[0],
        "owner" => "stability-ai",
        "name" => isGood ? "sdxl" : random.GetItems(["sdxl", "nothing", "sdxl:1"], 1)[0],
        _ when isGood => _ids.Existing(random, FuzzIds.PrefixOf(path, parameter)) ?? "none",
        _ => random.Next(4) == 0 ? "x" : FuzzIds.PrefixOf(path, parameter) + "01knf4sgd2e4y8c25mgcv9w4c1",
    };

    private sealed record Operation(string Method, string Path, IReadOnlyList<string> Queries, IReadOnlyList<string> Takes)
    {
        public Operation(string method, string path, JsonElement described) : this(
            method, path,
            described.TryGetProperty("parameters", out var parameters)
                ? [.. parameters.EnumerateArray().Where(each => each.GetProperty("in").GetString() == "query")
                    .Select(each => each.GetProperty("name").GetString()!)]
                : [],
            described.TryGetProperty("requestBody", out var body)
                ? [.. body.GetProperty("content").EnumerateObject().Select(each => each.Name)]
                : [])
        {
        }
    }
}
