using System.Diagnostics;
using GenApi.Core.Cluster;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;
using GenApi.Tests.Replicate;
using GenApi.Tests.Webhooks;
using Microsoft.Extensions.DependencyInjection;

namespace GenApi.Tests.Cluster;

/// <summary>Tests upstream webhooks that reach an instance other than the one that works on the generation.</summary>
public sealed class InboxTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whichever_instance_a_webhook_reaches_the_run_ends_at_once_and_without_a_poll()
    {
        Instances.Require();
        await using var front = await PublicFront.StartAsync();
        front.Keeps = true;
        await using var instances = await Instances.StartAsync(2, front.Settings);
        var made = await instances[0].GenerateAsync(Requests.Small(1), Keys.AsAdmin, Async);
        await front.NextAsync(2);
        var polls = instances.Sandbox.Stats.Gets;

        // One of the two works on it, and both get the same answer.
        foreach (var app in instances.All)
        {
            foreach (var seen in front.Seen)
                Assert.Equal(200, (await PassAsync(app, seen)).Status);
        }

        var ended = await instances[1].GetAsync($"/generations/{made.Id}", Keys.AsAdmin, ("Prefer", "wait=10"));
        Assert.Equal("succeeded", ended.State);
        Assert.Equal((1, polls), (instances.Sandbox.Stats.Creations, instances.Sandbox.Stats.Gets));
    }

    [Fact]
    public async Task A_webhook_alone_names_the_prediction_whose_creation_was_not_answered()
    {
        Instances.Require();
        await using var front = await PublicFront.StartAsync();
        front.Keeps = true;
        // Lists fail, so nothing but the webhook can name it.
        await using var instances = await Instances.StartAsync(2, front.Settings);
        instances.Sandbox.Faults.Add(FaultKind.CreateResetAfter);
        instances.Sandbox.Faults.Add(FaultKind.ListError, times: null);
        var made = await instances[0].GenerateAsync(Requests.Small(1), Keys.AsAdmin, Async);
        await front.NextAsync(2);
        var owner = await OwnerAsync(instances, made.Id);

        Assert.Equal(200, (await PassAsync(instances[1 - owner], front.Seen[^1])).Status);

        var ended = await instances[owner].GetAsync($"/generations/{made.Id}", Keys.AsAdmin, ("Prefer", "wait=10"));
        Assert.Equal("succeeded", ended.State);
        Assert.Equal(1, instances.Sandbox.Stats.Creations);
    }

    /// <returns>The place of the instance that works on the generation.</returns>
    private static async Task<int> OwnerAsync(Instances instances, string id)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            var owners = await instances.Store.QueryAsync("""SELECT "Lease_Owner" FROM "Generations" WHERE "Lease_Owner" IS NOT NULL""");
            if (owners is [var owner])
            {
                var at = instances.All.ToList().FindIndex(app => InstanceOf(app) == owner);
                if (at >= 0)
                    return at;
            }
            Assert.True(Stopwatch.GetElapsedTime(since) < TimeSpan.FromSeconds(10), $"Nobody works on {id}.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ended);
        }
    }

    private static string InstanceOf(GenApiApp app) => app.Services.GetRequiredService<ICluster>().InstanceId;

    private static Task<Answer> PassAsync(GenApiApp app, SeenRequest seen) => app.SendAsync(
        HttpMethod.Post, seen.Target, new StringContent(seen.Body, null, "application/json"),
        [.. seen.Headers.Where(header => header.Key.StartsWith("webhook-", StringComparison.OrdinalIgnoreCase))
            .Select(header => (header.Key, header.Value))]);
}
