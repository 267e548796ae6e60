using Microsoft.Extensions.Time.Testing;
using static GenApi.Tests.Doors.Replicate.ReplicateCalls;

namespace GenApi.Tests.Doors.Replicate;

/// <summary>A version named alone, as Replicate's clients name it, is found among the models known here.</summary>
public sealed class VersionSearchTests
{
    private const string Unknown = "0000000000000000000000000000000000000000000000000000000000000000";

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_earlier_version_of_a_known_model_is_found_and_remembered_over_a_restart()
    {
        await using var app = await GenApiApp.StartAsync();
        var body = new { version = EarlierSdxl, input = Fox() };
        var made = await app.PostAsync(Predictions, body, Wait);

        Assert.True(made.Status == 201, made.Text);
        Assert.Equal(("stability-ai/sdxl", EarlierSdxl), (made["model"].Text(), made["version"].Text()));

        await app.RestartAsync();
        app.Sandbox.Stats.Reset();
        Assert.Equal(made.Id, (await app.PostAsync(Predictions, body)).Id);
        Assert.Equal(0, app.Sandbox.Stats.Lists);
    }

    [Fact]
    public async Task An_unknown_version_asks_the_upstream_once_and_is_refused_from_memory_then()
    {
        await using var app = await GenApiApp.StartAsync();
        var body = new { version = Unknown, input = Fox() };

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => app.PostAsync(Predictions, body)));

        Assert.All(answers, answer => Assert.Equal(422, answer.Status));
        Assert.Contains($"owner/name:{Unknown}", answers[0]["detail"].Text(), StringComparison.Ordinal);
        Assert.Equal(1, app.Sandbox.Stats.Lists);
    }

    [Fact]
    public async Task Only_a_few_versions_wait_for_a_search_and_callers_of_the_same_one_share_it()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var app = await GenApiApp.StartAsync(time: time);
        Task<Answer> Search(int version) => app.PostAsync(Predictions, new { version = $"{version:x64}", input = Fox() });
        // The next search waits until time has passed.
        Assert.Equal(422, (await Search(0)).Status);

        var calls = Enumerable.Range(0, 12).Select(call => Search(1 + (call / 2))).ToList();
        var refused = await (await Task.WhenAny(calls).WaitAsync(TimeSpan.FromSeconds(30), Ended));
        Assert.Equal((503, "2"), (refused.Status, refused.Header("Retry-After")));
        Assert.Contains("owner/name:", refused.Text, StringComparison.Ordinal);
        while (calls.Count(call => call.IsCompleted) < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        while (!calls.TrueForAll(call => call.IsCompleted))
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        }

        var statuses = (await Task.WhenAll(calls)).Select(answer => answer.Status).ToList();
        Assert.Equal((10, 2), (statuses.Count(status => status == 422), statuses.Count(status => status == 503)));
        Assert.Equal(6, app.Sandbox.Stats.Lists);
    }

    [Fact]
    public async Task Where_only_aliases_may_be_named_their_models_may_be_named_in_full()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Models:AllowAny"] = "false" });

        foreach (var version in new[] { Sdxl, $"stability-ai/sdxl:{Sdxl}", "black-forest-labs/flux-schnell" })
            Assert.Equal(201, (await app.PostAsync(Predictions, new { version, input = new { prompt = "a", seed = 1 } })).Status);
        var refused = await app.PostAsync(Predictions, new { version = Unknown, input = new { prompt = "a" } });
        Assert.Contains("only aliases may be named", refused["detail"].Text(), StringComparison.Ordinal);
        Assert.DoesNotContain("owner/name", refused["detail"].Text(), StringComparison.Ordinal);
        foreach (var version in new[] { EarlierSdxl, $"stability-ai/sdxl:{EarlierSdxl}", "stability-ai/sdxl", Unknown })
            Assert.Equal(422, (await app.PostAsync(Predictions, new { version, input = new { prompt = "a", seed = 1 } })).Status);
    }
}
