using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Replicate.Outputs;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;
using Microsoft.AspNetCore.Http;

namespace GenApi.Tests.Replicate;

/// <summary>
/// No answer of an upstream throws past the step that reads it, loses an existing image, or is stored without a limit.
/// </summary>
public sealed class HostileAnswersTests
{
    private const int Draws = 50;

    [Fact]
    public async Task Whatever_stands_beside_it_the_picture_is_kept()
    {
        await using var upstream = await HostileUpstream.StartAsync();
        await using var app = await GenApiApp.StartAsync(new()
        {
            ["Replicate:BaseUrl"] = upstream.BaseUrl.ToString().TrimEnd('/'),
            ["Replicate:DeliveryHosts:0"] = upstream.BaseUrl.Authority,
        });

        foreach (var round in Enumerable.Range(0, Draws).Chunk(10))
        {
            var made = await Task.WhenAll(round.Select(
                draw => app.GenerateAsync(new { model = "acme/painter", prompt = $"{draw}" }, ("Prefer", "wait=60"))));
            foreach (var (draw, answer) in round.Zip(made))
            {
                var (state, images) = answer.Status == 200 ? (answer.State, answer["images"].GetArrayLength()) : ("", 0);
                Assert.True((answer.Status, state, images) == (200, "succeeded", 1), $"draw {draw}: {answer.Text}");
            }
        }

        Assert.Equal(Draws, upstream.Creations);
        Assert.Empty(app.Logs);
        Assert.Equal(0, await Damage.ExecuteAsync(app, """
            SELECT COUNT(*) FROM Generations WHERE length(Logs) > 65536 OR length(PredictionId) > 64
                OR PredictSeconds < 0 OR PredictSeconds > 700000 OR UpstreamSeconds > 700000
                OR ProgressCurrent > ProgressTotal OR ProgressTotal < 1 OR OutputCount > 10000 OR Outputs IS NOT NULL
            """));
        Assert.Equal(200, (await app.GetAsync("/generations?limit=100")).Status);
        await Damage.AssertSoundAsync(app);
    }

    [Fact]
    public async Task An_id_that_another_generation_has_stands_for_nothing()
    {
        var taken = 0;
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            var isCreation = HttpMethods.IsPost(context.Request.Method);
            await context.Response.WriteAsync(
                isCreation ? $$"""{"n":{{Interlocked.Increment(ref taken)}},"id":"same","status":"starting"}"""
                : context.Request.Path.Value!.EndsWith("/v1/predictions", StringComparison.Ordinal) ? """{"results":[],"next":null}"""
                : context.Request.Path.Value.Contains(
                    "/models/", StringComparison.Ordinal) ? """{"owner":"acme","name":"painter","is_official":true}"""
                : """{"id":"same","status":"processing"}""", context.RequestAborted);
        });
        await using var app = await GenApiApp.StartAsync(new()
        {
            ["Replicate:BaseUrl"] = server.BaseUrl.ToString().TrimEnd('/'),
            ["Generations:SettleSeconds"] = "1",
            ["Generations:MaxRunSeconds"] = "30",
        });
        var first = await app.GenerateAsync(new { model = "acme/painter", prompt = "one" }, ("Prefer", "respond-async"));
        while ((await app.GetAsync($"/generations/{first.Id}")).State == "queued")
            Assert.InRange(taken, 0, 1);

        var second = await app.GenerateAsync(new { model = "acme/painter", prompt = "two" }, ("Prefer", "respond-async"));
        var ended = await Requests.EndedAsync(app, second.Id);

        Assert.Equal(("failed", "upstream_bad_answer"), (ended.State, ended["error", "code"].GetString()));
        Assert.Empty(app.Logs);
        Assert.Equal("processing", (await app.GetAsync($"/generations/{first.Id}")).State);
    }

    [Theory]
    [InlineData(null, 250)]
    [InlineData(0d, 250)]
    [InlineData(-5d, 250)]
    [InlineData(3d, 3000)]
    [InlineData(2147483647d, 600_000)]
    public void A_pause_that_the_upstream_asks_for_is_never_none_and_never_for_years(double? seconds, double expected)
    {
        var run = new GenerationRun(
            null!, new GenerationTimeline(TimeProvider.System, DateTimeOffset.UnixEpoch, isWhole: true), TimeSpan.FromHours(1));

        var pause = run.Backoff(
            seconds is { } asked ? TimeSpan.FromSeconds(asked) : null, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(15));

        Assert.Equal(expected, pause.TotalMilliseconds);
    }

    [Theory]
    [InlineData(
        """{"$ref":"#/components/schemas/A"}""",
        """{"allOf":[{"$ref":"#/components/schemas/A"},{"$ref":"#/components/schemas/A"},{"$ref":"#/components/schemas/A"},"""
            + """{"$ref":"#/components/schemas/A"}]}""")]
    [InlineData(
        """{"$ref":"#/components/schemas/A"}""",
        """{"type":"array","items":{"anyOf":[{"$ref":"#/components/schemas/A"},{"$ref":"#/components/schemas/A"},"""
            + """{"$ref":"#/components/schemas/A"}]}}""")]
    [InlineData("""{"type":"integer","minimum":-1e999,"maximum":1e999,"minLength":1e30,"maxItems":-1}""", "{}")]
    public void A_schema_whose_references_fork_is_read_in_bounded_time(string property, string other)
    {
        var schemas = "\"Input\":{\"properties\":{\"prompt\":" + property + "}},\"A\":" + other;
        var document = JsonElement.Parse("{\"components\":{\"schemas\":{" + schemas + "}}}");

        Assert.Equal("prompt", Assert.Single(new InputSchemaReader(document).ReadInputs()!).Name);
    }

    [Fact]
    public void An_output_of_a_hundred_thousand_files_is_cut()
    {
        var output = JsonElement.Parse(
            $"[{string.Join(',', Enumerable.Range(0, 100_000).Select(each => $"\"https://replicate.delivery/{each}.png\""))}]");

        var files = PredictionOutput.Collect(output);

        Assert.Equal((PredictionOutput.MostFiles, "https://replicate.delivery/0.png"), (files.Count, files[0]));
        Assert.Empty(PredictionOutput.Collect(JsonElement.Parse($"\"https://replicate.delivery/{new string('x', 10_000)}\"")));
    }
}
