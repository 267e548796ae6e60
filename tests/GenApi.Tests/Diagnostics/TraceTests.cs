using System.Diagnostics;
using GenApi.Core.Diagnostics;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Replicate;

namespace GenApi.Tests.Diagnostics;

public sealed class TraceTests
{
    /// <summary>Sixteen letters, which are visible among the sent bytes.</summary>
    private const string Trace = "traceofthecaller";

    [Fact]
    public async Task A_run_is_told_to_the_collector_in_the_trace_of_who_asked_for_it_after_a_restart_too()
    {
        await using var collector = await ScriptedServer.StartAsync(200, "", "application/x-protobuf");
        await using var app = await GenApiApp.StartAsync(new() { ["Telemetry:OtlpEndpoint"] = collector.BaseUrl.ToString() });
        var held = app.Sandbox.Faults.Add(new Fault(FaultKind.RunHeldProcessing));
        var traceParent = $"00-{Convert.ToHexStringLower(System.Text.Encoding.ASCII.GetBytes(Trace))}-0102030405060708-01";
        var made = await app.GenerateAsync(
            new { prompt = "a fox nobody else asks for", seed = 77, width = 64, height = 64 },
            ("traceparent", traceParent),
            ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        await app.StopAsync();
        var before = collector.Requests.Count;
        await app.StartAgainAsync();
        held.Release();
        var ended = await Requests.EndedAsync(app, made.Id);
        await app.StopAsync();

        Assert.Equal("succeeded", ended.State);
        // This process can only report the run: the previous one received the request.
        var told = collector.Requests.Skip(before).Where(
            request => request.Target == "/v1/traces" && request.Body.Contains(Trace, StringComparison.Ordinal));
        var body = Assert.Single(told).Body;
        Assert.Contains(made.Id, body, StringComparison.Ordinal);
        Assert.Contains("image_generation stability-ai/sdxl", body, StringComparison.Ordinal);
        Assert.Contains("gen_ai.provider.name", body, StringComparison.Ordinal);
        Assert.Contains(
            collector.Requests,
            request => request.Target == "/v1/metrics" && request.Body.Contains("genapi.requests", StringComparison.Ordinal));
        Assert.DoesNotContain(collector.Requests, request => request.Body.Contains("nobody else asks for", StringComparison.Ordinal));
    }

    [Fact]
    public void A_span_has_the_names_of_the_convention_the_times_of_the_row_and_the_prompt_only_where_it_may()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == GenApiMetrics.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                lock (spans)
                    spans.Add(span);
            },
        };
        ActivitySource.AddActivityListener(listener);
        using var metrics = new GenApiMetrics();
        var run = new FinishedRun
        {
            Id = "gen_of_this_test",
            Model = "owner/name",
            Version = "v1",
            Status = "failed",
            ErrorCode = "upstream_failed",
            Seed = 7,
            Choices = 2,
            CostMicros = 1_500,
            StartedAt = DateTimeOffset.UnixEpoch,
            EndedAt = DateTimeOffset.UnixEpoch.AddSeconds(3),
            ResponseId = "prediction",
            TraceParent = "00-0102030405060708090a0b0c0d0e0f10-0102030405060708-01",
            WasSent = true,
            Upstream = new Uri("https://api.replicate.com"),
            Prompt = "a \"secret\" fox",
        };

        metrics.GenerationFinished(run);
        metrics.RecordsPrompts = true;
        metrics.GenerationFinished(run);

        Activity[] own;
        lock (spans)
            own = [.. spans.Where(span => (string?)span.GetTagItem("genapi.generation.id") == run.Id)];
        Assert.Equal(2, own.Length);
        var span = own[0];
        Assert.Equal(
            ("image_generation owner/name", ActivityKind.Client, TimeSpan.FromSeconds(3)), (span.DisplayName, span.Kind, span.Duration));
        Assert.Equal(
            ("0102030405060708090a0b0c0d0e0f10", "0102030405060708"), (span.TraceId.ToHexString(), span.ParentSpanId.ToHexString()));
        Assert.Equal(ActivityStatusCode.Error, span.Status);
        foreach (var (name, value) in new Dictionary<string, object>
        {
            ["gen_ai.operation.name"] = "image_generation",
            ["gen_ai.provider.name"] = "replicate",
            ["gen_ai.output.type"] = "image",
            ["gen_ai.request.model"] = "owner/name",
            ["gen_ai.request.seed"] = 7L,
            ["gen_ai.request.choice.count"] = 2L,
            ["gen_ai.response.id"] = "prediction",
            ["gen_ai.response.model"] = "owner/name:v1",
            ["genapi.cost.usd"] = 0.0015,
            ["error.type"] = "upstream_failed",
            ["server.address"] = "api.replicate.com",
            ["server.port"] = 443,
        })
            Assert.Equal(value, span.GetTagItem(name));
        Assert.Null(span.GetTagItem("gen_ai.input.messages"));
        var messages = System.Text.Json.JsonElement.Parse((string)own[1].GetTagItem("gen_ai.input.messages")!);
        Assert.Equal(run.Prompt, messages[0].GetProperty("parts")[0].GetProperty("content").GetString());
    }
}
