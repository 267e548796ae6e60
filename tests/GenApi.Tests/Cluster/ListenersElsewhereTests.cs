using GenApi.Core.Accounts;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Generations.Worker;
using GenApi.Core.Persistence;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Cluster;

/// <summary>Tests that the instance that works on a run learns who follows its steps at another one.</summary>
public sealed class ListenersElsewhereTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_instance_that_polls_knows_of_streams_at_another_one()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2, new() { ["Cluster:LeaseSeconds"] = "2" });
        var held = instances.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await instances[0].GenerateAsync(Requests.Small(1), Keys.AsAdmin, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(Ended);
        Assert.True(PublicId.TryParse(PublicId.Generation, made.Id, out var id));
        var owner = instances.All.Single(app => app.Services.GetRequiredService<GenerationWorker>().Walks(id));
        var other = instances.All.Single(app => app != owner);
        var signals = owner.Services.GetRequiredService<GenerationSignals>();
        Assert.False(signals.IsWatched(id));

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/generations/{made.Id}/events");
        request.Headers.Authorization = new("Bearer", Keys.Admin);
        using var stream = await other.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ended);
        stream.EnsureSuccessStatusCode();
        await UntilAsync(() => signals.IsWatched(id));

        await using var feed = await FeedReading.OpenAsync(other, key: Keys.Admin);
        await UntilAsync(() => owner.Services.GetRequiredService<ListenersElsewhere>().Follow(FixedAccounts.AdminKeyId));
        held.Release();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var round = 0; !condition(); round++)
        {
            Assert.True(round < 1_000, "It took too long.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        }
    }
}
