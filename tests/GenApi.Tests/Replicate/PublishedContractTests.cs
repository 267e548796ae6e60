using System.Globalization;
using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Core.Replicate;

namespace GenApi.Tests.Replicate;

/// <summary>Compares requests of the client and recorded answers with Replicate's own document.</summary>
public sealed class PublishedContractTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Recorded_answers_break_the_document_only_where_we_allow_it()
    {
        string[] allowed = [.. PublishedContract.MayLack, .. PublishedContract.MayBeNull];
        foreach (var recordings in Recording.Sources())
        {
            Assert.Empty(await FaultsAsync(PublishedContract.Load(), recordings));
            foreach (var name in allowed)
            {
                var strict = PublishedContract.Load([.. allowed.Where(other => other != name)]);
                Assert.True((await FaultsAsync(strict, recordings)).Count > 0, $"No recording needs {name}.");
            }
        }

        static async Task<List<string>> FaultsAsync(PublishedContract contract, IReadOnlyList<Recording> recordings)
        {
            List<string> faults = [];
            foreach (var (name, method, uri, _, status, headers, body) in recordings.Where(recording => recording.Status < 300))
            {
                var found = await contract.CheckAnswerAsync(method, uri, status, headers["content-type"], body);
                faults.AddRange(found.Select(fault => $"{name}: {fault}"));
            }
            return faults;
        }
    }

    [Fact]
    public async Task Recorded_requests_are_those_that_the_document_describes()
    {
        var contract = PublishedContract.Load();
        var headers = new Dictionary<string, string> { ["Authorization"] = "Bearer x", ["Content-Type"] = "application/json" };
        foreach (var recording in Recording.Sources().SelectMany(source => source).Where(recording => recording.Status < 300))
            Assert.Empty(await contract.CheckRequestAsync(recording.Method, recording.Uri, headers, recording.Sent));
    }

    /// <summary>Apart from texts for readers, every described operation, parameter and schema is also in the published document.</summary>
    [Fact]
    public void Our_description_says_what_the_published_document_says()
    {
        var ours = PublishedContract.Describe();
        Assert.True(ours["paths"]!.AsObject().Count >= 14);
        if (SharedFiles.Find("openapi.json") is not { } path)
            return;
        var published = JsonNode.Parse(File.ReadAllBytes(path))!;
        List<string> missing = [];
        foreach (var part in new[] { "parameters", "schemas" })
            foreach (var (name, described) in ours["components"]![part]!.AsObject())
                Compare(described, published["components"]![part]![name], name, missing);
        foreach (var (route, operations) in ours["paths"]!.AsObject())
            foreach (var (method, described) in operations!.AsObject())
                Compare(described, published["paths"]![route]![method], $"{method} {route}", missing);
        Assert.Empty(missing);

        static void Compare(JsonNode? described, JsonNode? published, string where, List<string> missing)
        {
            if (described is JsonObject members && published is JsonObject)
            {
                foreach (var (name, member) in members)
                    Compare(member, published[name], $"{where} {name}", missing);
            }
            else if (described is JsonArray items && published is JsonArray others && items.Count == others.Count)
            {
                for (var at = 0; at < items.Count; at++)
                    Compare(items[at], others[at], $"{where}[{at}]", missing);
            }
            else if (!JsonNode.DeepEquals(described, published))
            {
                missing.Add(where);
            }
        }
    }

    /// <summary>A judge that accepts everything would make the rest of this file worthless.</summary>
    [Fact]
    public async Task The_judge_refuses_what_the_document_refuses()
    {
        var contract = PublishedContract.Load();
        var headers = new Dictionary<string, string> { ["Authorization"] = "Bearer x", ["Content-Type"] = "application/json" };
        var predictions = new Uri("http://h/v1/predictions");
        const string good = """{"version":"a","input":{}}""";
        Assert.Empty(await contract.CheckRequestAsync("POST", predictions, headers, good));
        Assert.NotEmpty(await contract.CheckRequestAsync("POST", predictions, headers, """{"version":"a","input":{},"model":"b"}"""));
        Assert.NotEmpty(await contract.CheckRequestAsync("POST", predictions, headers, """{"version":"a"}"""));
        Assert.NotEmpty(await contract.CheckRequestAsync("POST", predictions, headers, """{"version":"a","input":[]}"""));
        Assert.NotEmpty(
            await contract.CheckRequestAsync("POST", predictions, new Dictionary<string, string>(headers) { ["Prefer"] = "wait=0" }, good));
        var withoutToken = new Dictionary<string, string> { ["Content-Type"] = "application/json" };
        Assert.NotEmpty(await contract.CheckRequestAsync("POST", predictions, withoutToken, good));
        Assert.NotEmpty(await contract.CheckRequestAsync("GET", new Uri("http://h/v1/prediction"), headers, ""));
        Assert.NotEmpty(await contract.CheckRequestAsync("GET", new Uri("http://h/v1/predictions?after=1"), headers, ""));
        var files = new Uri("http://h/v1/files");
        var form = new Dictionary<string, string> { ["Authorization"] = "Bearer x", ["Content-Type"] = "multipart/form-data; boundary=b" };
        Assert.Empty(await contract.CheckRequestAsync("POST", files, form, "--b\r\nContent-Disposition: form-data; name=content; "
            + "filename=a\r\n\r\n"));
        Assert.NotEmpty(await contract.CheckRequestAsync("POST", files, form, "--b\r\nContent-Disposition: form-data; name=\"file\"; "
            + "filename=a\r\n\r\n"));
        Assert.NotEmpty(await contract.CheckRequestAsync("POST", files, headers, "{}"));

        const string answer =
            """{"id":"a","version":"hidden","input":{},"error":null,"status":"starting","created_at":"2024-10-04T18:14:"""
                + """55.674Z","urls":{"get":"https://a/b","cancel":"https://a/c"}}""";
        Assert.Empty(await contract.CheckAnswerAsync("POST", predictions, 201, "application/json", answer));
        Assert.NotEmpty(await contract.CheckAnswerAsync("POST", predictions, 200, "application/json", answer));
        (string Right, string Wrong)[] mistakes =
        [
            ("\"id\":\"a\"", "\"id\":1"), ("starting", "begun"), ("\"input\":{},", ""), ("2024-10-04T18", "yesterday"), ("https://a/b", ""),
        ];
        foreach (var (right, wrong) in mistakes)
        {
            var changed = answer.Replace(right, wrong, StringComparison.Ordinal);
            Assert.NotEmpty(await contract.CheckAnswerAsync("POST", predictions, 201, "application/json", changed));
        }
    }

    [Fact]
    public async Task Every_request_is_one_that_the_document_describes()
    {
        var contract = PublishedContract.Load();
        await using var server = await ScriptedServer.StartAsync(200, "{}");
        await using var rig = new ReplicateRig(server.BaseUrl);
        var client = rig.Client;
        var hooked = ReplicateRig.ByVersion with
        {
            CancelAfter = TimeSpan.FromMinutes(15),
            Webhook = new Uri("https://us.example/webhooks/replicate?id=1"),
        };
        Func<Task>[] calls =
        [
            () => client.CreateAsync(ReplicateRig.ByVersion, Cancel),
            () => client.CreateAsync(ReplicateRig.ByModel, Cancel),
            () => client.CreateAsync(hooked, Cancel),
            () => client.CreateAsync(hooked with { Version = null, Owner = "a", Name = "b.c-d_e" }, Cancel),
            () => client.GetAsync("abc", Cancel),
            () => client.CancelAsync("abc", Cancel),
            () => client.ListAsync(null, null, null, Cancel),
            () => client.ListAsync(rig.Time.GetUtcNow(), null, null, Cancel),
            () => client.ListAsync(null, null, new Uri(server.BaseUrl, "/v1/predictions?cursor=cD0yMDI%3D").AbsoluteUri, Cancel),
            () => client.GetModelAsync("a", "b", Cancel),
            () => client.GetVersionAsync("a", "b", "c", Cancel),
            () => client.ListVersionsAsync("a", "b", null, Cancel),
            () => client.SearchModelsAsync("nano banana & co", 50, Cancel),
            () => client.GetAccountAsync(Cancel),
            () => client.ListHardwareAsync(Cancel),
        ];
        foreach (var call in calls)
            await Record.ExceptionAsync(call);

        Assert.Equal(calls.Length, server.Requests.Count);
        foreach (var request in server.Requests)
            Assert.Empty(
                await contract.CheckRequestAsync(request.Method, new Uri(server.BaseUrl, request.Target), request.Headers, request.Body));
    }

    [Fact]
    public async Task A_creation_by_version_looks_so()
    {
        var webhook = new Uri("https://us.example/webhooks/replicate?id=1");
        var request = await SentAsync(ReplicateRig.ByVersion with { CancelAfter = TimeSpan.FromSeconds(900.2), Webhook = webhook });

        Assert.Equal(("POST", "/v1/predictions"), (request.Method, request.Target));
        Assert.Equal(
            $$"""{"version":"{{new string('a', 64)}}","input":{"prompt":"a fox","seed":7}"""
                + $$""","webhook":"{{webhook}}","webhook_events_filter":["start","completed"]}""",
            request.Body);
        Assert.Equal(
            (
                "901",
                "application/json; charset=utf-8",
                $"Bearer {ReplicateRig.Token}",
                request.Body.Length.ToString(CultureInfo.InvariantCulture)),
            (
                request.Headers["Cancel-After"],
                request.Headers["Content-Type"],
                request.Headers["Authorization"],
                request.Headers["Content-Length"]));
        Assert.StartsWith("GenApi/", request.Headers["User-Agent"], StringComparison.Ordinal);
        Assert.False(request.Headers.ContainsKey("Prefer"));
    }

    [Fact]
    public async Task A_creation_by_name_looks_so()
    {
        var request = await SentAsync(ReplicateRig.ByModel);

        Assert.Equal(
            ("/v1/models/black-forest-labs/flux-schnell/predictions", """{"input":{"prompt":"a fox"}}"""), (request.Target, request.Body));
        Assert.False(request.Headers.ContainsKey("Cancel-After"));
    }

    [Theory]
    [InlineData(0.1, "5")]
    [InlineData(5.4, "6")]
    [InlineData(100_000, "86400")]
    public async Task The_upstreams_own_deadline_is_whole_seconds_within_its_bounds(double seconds, string header)
    {
        Assert.Equal(
            header, (await SentAsync(ReplicateRig.ByModel with { CancelAfter = TimeSpan.FromSeconds(seconds) })).Headers["Cancel-After"]);
    }

    [Fact]
    public async Task A_path_of_the_base_url_stays_in_front()
    {
        await using var server = await ScriptedServer.StartAsync(200, """{"id":"abc"}""");
        await using var rig = new ReplicateRig(new Uri(server.BaseUrl, "/proxy/"));

        await ReplicateRig.FailsAsync(rig.Client.GetAsync("a/../b", Cancel));

        Assert.Equal(
            "/proxy/v1/predictions/a%2F..%2Fb",
            Assert.Single(server.Requests).Target.Replace("/../", "%2F..%2F", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_list_that_goes_on_elsewhere_is_not_followed()
    {
        await using var other = await ScriptedServer.StartAsync(200, "{}");
        await using var server = await ScriptedServer.StartAsync(
            200, $$"""{"next":"{{other.BaseUrl}}v1/predictions?cursor=x","results":[{"id":"a"},null,{}]}""");
        await using var rig = new ReplicateRig(server.BaseUrl);

        var page = await rig.Client.ListAsync(null, null, null, Cancel);
        Assert.Equal("a", Assert.Single(page.Predictions).Id);
        var fault = await Assert.ThrowsAsync<GenApiException>(() => rig.Client.ListAsync(null, null, page.NextUrl, Cancel));

        Assert.Equal(ErrorKind.UpstreamBadAnswer, fault.Kind);
        Assert.Empty(other.Requests);
    }

    private static async Task<SeenRequest> SentAsync(NewPrediction request)
    {
        await using var server = await ScriptedServer.StartAsync(201, """{"id":"abc"}""");
        await using var rig = new ReplicateRig(server.BaseUrl);
        await rig.Client.CreateAsync(request, Cancel);
        return Assert.Single(server.Requests);
    }
}
