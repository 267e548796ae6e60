using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Core.Diagnostics;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Webhooks;

namespace GenApi.Tests.Diagnostics;

public sealed partial class MetricsTests
{
    [Fact]
    public async Task Requests_runs_calls_and_what_is_open_are_counted()
    {
        await using var app = await GenApiApp.StartAsync();
        using var meter = new MeterReading(app);
        var held = app.Sandbox.Faults.Add(new Fault(FaultKind.RunHeldProcessing));
        var first = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(202, (await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"))).Status);
        // The upstream has it; its answer may not be saved yet.
        Assert.Equal(
            1,
            meter["genapi.generations.open queued"] + meter["genapi.generations.open starting"]
                + meter["genapi.generations.open processing"]);
        held.Release();
        Assert.Equal("succeeded", (await Requests.EndedAsync(app, first.Id)).State);
        await app.GenerateAsync(Requests.Small(1));
        await app.GenerateAsync(Requests.Unseeded());
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails) { Text = "boom" });
        Assert.Equal(502, (await app.GenerateAsync(Requests.Small(2))).Status);

        Assert.Equal(
            (2, 1, 1, 1),
            (meter["genapi.requests miss"], meter["genapi.requests coalesced"], meter["genapi.requests hit"],
                meter["genapi.requests bypass"]));
        Assert.Equal(
            (2, 1), (meter["genapi.generations.finished succeeded "], meter["genapi.generations.finished failed upstream_failed"]));
        Assert.Equal(2, meter["gen_ai.client.operation.duration image_generation replicate stability-ai/sdxl"]);
        Assert.Equal(1, meter["gen_ai.client.operation.duration image_generation replicate stability-ai/sdxl upstream_failed"]);
        Assert.Equal(3, meter["genapi.upstream.calls create ok"]);
        Assert.True(meter["genapi.upstream.calls read_prediction ok"] > 0);
    }

    [Fact]
    public async Task The_page_has_every_metric_that_the_dashboard_asks_for_and_needs_its_right()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var app = await Keys.StartAsync(new(receiver.Settings) { ["Replicate:MaxInFlight"] = "1" });
        var (_, secret) = await app.MakeAsync("prometheus", "metrics");
        var made = await app.GenerateAsync(
            new { prompt = "a fox nobody else asks for", seed = 1, width = 64, height = 64, webhook = receiver.Url }, Keys.AsAdmin);
        await receiver.NextAsync(1);
        while ((await app.GetAsync(
            $"/generations/{made.Id}/deliveries", Keys.AsAdmin))["data"][0].GetProperty("status").GetString() != "delivered")
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        // Durations are counted from the first scrape on.
        await app.GetAsync("/metrics", Keys.Of(secret));
        // One of the two waits for the slot of the other.
        Assert.All(
            await Task.WhenAll(
                app.GenerateAsync(Requests.Small(2), Keys.AsAdmin), app.GenerateAsync(
                    Requests.Small(3), Keys.AsAdmin)), made => Assert.Equal(200, made.Status));

        var page = await app.GetAsync("/metrics", Keys.Of(secret));

        Assert.Equal(200, page.Status);
        Assert.StartsWith("text/plain", page.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Equal("no-store", page.Header("Cache-Control"));
        Assert.Matches("(?m)^genapi_requests_total\\{[^}]*outcome=\"miss\"[^}]*\\} [1-9]", page.Text);
        Assert.Matches("(?m)^genapi_upstream_wait_duration_seconds_count\\{[^}]*call=\"create\",reason=\"in_flight\"[^}]*\\} 1", page.Text);
        Assert.Matches("(?m)^target_info\\{[^}]*service_name=\"genapi\"", page.Text);
        Assert.DoesNotContain("nobody else asks for", page.Text, StringComparison.Ordinal);
        var told = Told().Matches(page.Text).Select(match => match.Groups[1].Value).ToHashSet();
        var dashboard = JsonElement.Parse(File.ReadAllText(Repository.PathOf("docs/grafana.json")));
        var asked = dashboard.GetProperty("panels").EnumerateArray().Where(panel => panel.TryGetProperty("targets", out _))
            .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .SelectMany(target => Asked().Matches(target.GetProperty("expr").GetString()!)).Select(match => match.Value).Distinct()
                .ToList();
        Assert.True(asked.Count > 10);
        Assert.All(
            asked, name => Assert.True(
                told.Contains(name), $"docs/grafana.json asks for {name}, which /metrics does not "
                + $"have:\n{string.Join('\n', told.Where(each => !each.StartsWith("dotnet", StringComparison.Ordinal)))}"));
    }

    [Fact]
    public void Models_beyond_the_bound_are_counted_together()
    {
        var table = new CountTable("model");
        for (var model = 0; model < CountTable.MostRows + 10; model++)
            table.Add(1, $"owner/{model}");

        var rows = table.Read().ToList();

        Assert.Equal(CountTable.MostRows + 1, rows.Count);
        Assert.Equal(10, rows.Single(row => (string?)row.Tags[0].Value == "other").Value);
    }

    // The name of a line with a value.
    [GeneratedRegex(@"(?m)^([a-z_]\w*)(?:\{[^\n]*\})? [0-9.+eENa-]+")]
    private static partial Regex Told();

    [GeneratedRegex(@"\b(?:genapi|gen_ai|dotnet)_\w+")]
    private static partial Regex Asked();
}
