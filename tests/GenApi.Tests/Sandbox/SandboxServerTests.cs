using GenApi.Sandbox;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Sandbox;

public sealed class SandboxServerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Speed")]
    [InlineData("Urls")]
    [InlineData("MaxPredictions")]
    [InlineData("WebhookSecret")]
    public async Task An_unusable_setting_is_named(string key)
    {
        var options = key switch
        {
            "Speed" => new SandboxOptions { Speed = -1 },
            "Urls" => new SandboxOptions { Urls = "nonsense" },
            "MaxPredictions" => new SandboxOptions { MaxPredictions = 0 },
            _ => new SandboxOptions { WebhookSecret = "whsec_%%%" },
        };
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => SandboxServer.StartAsync(options, ct: Ct));
        Assert.Contains($"Sandbox:{key}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_sandboxes_know_nothing_of_each_other_and_stop_while_somebody_is_held()
    {
        await using var one = await SandboxDriver.AtFullSpeedAsync();
        await using var other = await SandboxDriver.AtFullSpeedAsync();
        Assert.NotEqual(one.Server.BaseUrl, other.Server.BaseUrl);
        await one.CreateAsync();
        Assert.Equal(0, other.Server.Stats.Creations);

        one.Server.Faults.Add(FaultKind.RunStuck);
        var waiting = one.PostAsync(SandboxDriver.SmallPicture(), prefer: "wait");
        await one.Server.Stats.WaitUntilAsync(s => s.Creations == 2, Ct);
        await one.Server.DisposeAsync();
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => waiting);
    }

    [Fact]
    public async Task Finished_predictions_beyond_the_limit_are_forgotten_oldest_first()
    {
        await using var sandbox = await SandboxDriver.AtFullSpeedAsync(o => o.MaxPredictions = 10);
        for (var i = 0; i < 30; i++)
            await sandbox.CreateAsync(prefer: "wait");
        var kept = (await sandbox.GetAsync("v1/predictions")).GetProperty("results").EnumerateArray().Select(SandboxDriver.Id).ToArray();
        Assert.InRange(kept.Length, 10, 11);
        Assert.Equal(sandbox.Server.Stats.CreatedIds.TakeLast(kept.Length).Reverse(), kept);
    }
}
