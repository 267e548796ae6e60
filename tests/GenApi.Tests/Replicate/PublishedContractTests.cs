using System.Collections.Concurrent;
using System.Globalization;
using GenApi.Core.Errors;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Api;
using GenApi.Core.Replicate.Calls;
using GenApi.Sandbox;
using GenApi.Sandbox.Control;
using Microsoft.Extensions.DependencyInjection;
using Refit;

namespace GenApi.Tests.Replicate;

/// <summary>Requests of the client, answers of the sandbox and recorded answers, compared with Replicate's own document.</summary>
public sealed class PublishedContractTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Recorded_answers_break_the_document_only_where_we_allow_it()
    {
        var all = await FaultsAsync(PublishedContract.Load());
        Assert.Empty(all);

        foreach (var name in PublishedContract.MayLack.Concat(PublishedContract.MayBeNull))
        {
            var others = PublishedContract.MayLack.Concat(PublishedContract.MayBeNull).Where(other => other != name).ToArray();
            Assert.True((await FaultsAsync(PublishedContract.Load(others))).Count > 0, $"No recording needs {name}.");
        }

        static async Task<List<string>> FaultsAsync(PublishedContract contract)
        {
            List<string> faults = [];
            foreach (var recording in SharedFiles.Recordings().Where(r => r.Status < 300))
                faults.AddRange((await contract.CheckAnswerAsync(
                    recording.Method, recording.Uri, recording.Status, recording.Headers["content-type"], recording.Body))
                    .Select(fault => $"{recording.Name}: {fault}"));
            return faults;
        }
    }

    /// <summary>A judge that lets everything pass would make all the rest of this file worthless.</summary>
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
        Assert.NotEmpty(
            await contract.CheckRequestAsync(
                "POST", predictions, new Dictionary<string, string> { ["Content-Type"] = "application/json" }, good));
        Assert.NotEmpty(await contract.CheckRequestAsync("GET", new Uri("http://h/v1/prediction"), headers, ""));
        Assert.NotEmpty(await contract.CheckRequestAsync("GET", new Uri("http://h/v1/predictions?after=1"), headers, ""));
        var files = new Uri("http://h/v1/files");
        var form = new Dictionary<string, string> { ["Authorization"] = "Bearer x", ["Content-Type"] = "multipart/form-data; boundary=b" };
        Assert.Empty(
            await contract.CheckRequestAsync(
                "POST", files, form, "--b\r\nContent-Disposition: form-data; name=content; filename=a\r\n\r\n"));
        Assert.NotEmpty(
            await contract.CheckRequestAsync(
                "POST", files, form, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=a\r\n\r\n"));
        Assert.NotEmpty(await contract.CheckRequestAsync("POST", files, headers, "{}"));

        const string answer = """{"id":"a","version":"hidden","input":{},"error":null,"status":"starting","created_at":"2024-10-04T18:"""
            + """14:55.674Z","urls":{"get":"https://a/b","cancel":"https://a/c"}}""";
        Assert.Empty(await contract.CheckAnswerAsync("POST", predictions, 201, "application/json", answer));
        Assert.NotEmpty(await contract.CheckAnswerAsync("POST", predictions, 200, "application/json", answer));
        foreach (var (right, wrong) in new[] { ("\"id\":\"a\"", "\"id\":1"), ("starting", "begun"), ("\"input\":{},", ""),
        ("2024-10-04T18", "yesterday"), ("https://a/b", "") })
            Assert.NotEmpty(
                await contract.CheckAnswerAsync(
                    "POST", predictions, 201, "application/json", answer.Replace(right, wrong, StringComparison.Ordinal)));
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
            Webhook = new Uri(
            "https://us.example/webhooks/replicate?id=1")
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
            $$"""{"version":"{{new string('a', 64)}}","input":{"prompt":"a fox","seed":"""
                + $$"""7},"webhook":"{{webhook}}","webhook_events_filter":["start","completed"]}""",
            request.Body);
        Assert.Equal(
            ("901", "application/json; charset=utf-8", $"Bearer {ReplicateRig.Token}", request.Body.Length.ToString(
                CultureInfo.InvariantCulture)),
            (request.Headers["Cancel-After"], request.Headers["Content-Type"], request.Headers["Authorization"],
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
            "/proxy/v1/predictions/a%2F..%2Fb", Assert.Single(server.Requests).Target.Replace(
                "/../", "%2F..%2F", StringComparison.Ordinal));
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

    [Fact]
    public async Task Everything_the_client_and_the_sandbox_say_to_each_other_is_in_the_document()
    {
        var contract = PublishedContract.Load();
        var exchanges = new ConcurrentQueue<Exchange>();
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions { Speed = 0 }, null, Cancel);
        await using var rig = new ReplicateRig(
            sandbox.BaseUrl, services =>
                services.AddHttpClient(UniqueName.ForType<IReplicateApi>()).AddHttpMessageHandler(() => new Listener(exchanges)));
        var client = rig.Client;

        var model = await client.GetModelAsync("stability-ai", "sdxl", Cancel);
        var versions = await client.ListVersionsAsync("stability-ai", "sdxl", null, Cancel);
        await client.GetVersionAsync("stability-ai", "sdxl", versions.Versions[0].Id, Cancel);
        await client.GetModelAsync("black-forest-labs", "flux-schnell", Cancel);
        await client.GetAccountAsync(Cancel);
        await client.ListHardwareAsync(Cancel);
        var found = await client.SearchModelsAsync("flux", 2, Cancel);
        Assert.Equal(["flux-schnell", "flux-1.1-pro"], found.Select(each => each.Name));
        sandbox.Faults.Add(new Fault(FaultKind.SearchError) { Status = 404 });
        Assert.Equal(found.Select(each => each.Name), (await client.SearchModelsAsync("flux", 2, Cancel)).Select(each => each.Name));
        var small = ReplicateRig.Json("""{"prompt":"a fox","seed":7,"width":64,"height":64}""");
        foreach (var kind in new FaultKind?[] { null, FaultKind.RunFails, FaultKind.RunRefused, FaultKind.RunEmpty, FaultKind.RunAborts,
            FaultKind.RunDataUri, FaultKind.RunNested })
        {
            sandbox.Faults.Clear();
            if (kind is { } fault)
                sandbox.Faults.Add(fault);
            var created = await client.CreateAsync(new(null, null, model.LatestVersion!.Id, small, TimeSpan.FromMinutes(1)), Cancel);
            Assert.True((await FinishAsync(client, created.Id)).IsTerminal);
        }

        sandbox.Faults.Clear();
        sandbox.Faults.Add(FaultKind.RunStuck);
        var stuck = await client.CreateAsync(
            new("black-forest-labs", "flux-schnell", null, ReplicateRig.Json("""{"prompt":"a fox"}""")), Cancel);
        await client.CancelAsync(stuck.Id, Cancel);
        Assert.Equal(PredictionStatus.Canceled, (await FinishAsync(client, stuck.Id)).Status);
        var page = await client.ListAsync(DateTimeOffset.UnixEpoch, null, null, Cancel);
        Assert.Equal(8, page.Predictions.Count);
        var file = await client.SendFileAsync(new MemoryStream([1, 2, 3]), "a.png", "image/png", Cancel);
        Assert.Equal(file, await client.GetFileAsync(file.Id, Cancel));
        await client.DeleteFileAsync(file.Id, Cancel);

        Assert.True(exchanges.Count > 20);
        foreach (var exchange in exchanges)
        {
            Assert.Empty(
                (await contract.CheckRequestAsync(exchange.Method, exchange.Uri, exchange.Headers, exchange.Body)).Select(exchange.Say));
            if (exchange.Status != 404)
                Assert.Empty(
                    (await contract.CheckAnswerAsync(exchange.Method, exchange.Uri, exchange.Status, exchange.AnswerType, exchange.Answer))
                    .Select(exchange.Say));
        }
    }

    private static async Task<Prediction> FinishAsync(ReplicateClient client, string id)
    {
        var prediction = await client.GetAsync(id, Cancel);
        for (var look = 0; look < 500 && !prediction.IsTerminal; look++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancel);
            prediction = await client.GetAsync(id, Cancel);
        }

        return prediction;
    }

    private static async Task<SeenRequest> SentAsync(NewPrediction request)
    {
        await using var server = await ScriptedServer.StartAsync(201, """{"id":"abc"}""");
        await using var rig = new ReplicateRig(server.BaseUrl);
        await rig.Client.CreateAsync(request, Cancel);
        return Assert.Single(server.Requests);
    }

    private sealed record Exchange(
        string Method, Uri Uri, IReadOnlyDictionary<string, string> Headers, string Body, int Status, string AnswerType, string Answer)
    {
        public string Say(string fault) => $"{fault}: {Method} {Uri.PathAndQuery} {Status}\n{Body}\n{Answer}";
    }

    private sealed class Listener(ConcurrentQueue<Exchange> exchanges) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            var headers = request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>());
            exchanges.Enqueue(new Exchange(
                request.Method.Method,
                request.RequestUri!,
                headers.ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase),
                request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken),
                (int)response.StatusCode,
                response.Content.Headers.ContentType?.ToString() ?? "",
                await response.Content.ReadAsStringAsync(cancellationToken)));
            return response;
        }
    }
}
