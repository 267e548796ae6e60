using GenApi.Tests.Accounts;
using GenApi.Tests.Webhooks;

namespace GenApi.Tests.Cluster;

/// <summary>Tests that of several instances one sends a webhook, and another one if that dies.</summary>
public sealed class DeliveriesElsewhereTests
{
    private static readonly (string, string) Async = ("Prefer", "respond-async");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_instances_send_each_webhook_once()
    {
        Instances.Require();
        await using var receiver = await Receiver.StartAsync();
        await using var instances = await Instances.StartAsync(3, receiver.Settings);

        var made = await Task.WhenAll(Enumerable.Range(1, 12).Select(seed => instances[seed % 3].GenerateAsync(
            new { prompt = "a fox", seed, width = 64, height = 64, webhook = receiver.Url }, Keys.AsAdmin)));

        foreach (var answer in made)
            Assert.Equal(1, await DeliveredAsync(instances, answer.Id));
        Assert.Equal(12, receiver.Messages.Count);
        Assert.Equal(12, receiver.Messages.Select(message => message.Id).Distinct().Count());
        Assert.Equal(0, await instances.Store.ExecuteAsync("""SELECT COUNT(*) FROM "WebhookDeliveries" WHERE "ClaimedBy" IS NOT NULL"""));
    }

    [Fact]
    public async Task What_a_dead_instance_has_claimed_is_sent_when_its_claim_is_over()
    {
        Instances.Require();
        await using var receiver = await Receiver.StartAsync();
        await using var instances = await Instances.StartAsync(1, receiver.Settings);
        receiver.Say(500);
        var made = await instances[0].GenerateAsync(
            new { prompt = "a fox", seed = 1, width = 64, height = 64, webhook = receiver.Url }, Keys.AsAdmin, Async);
        await receiver.NextAsync(1);
        await UntilAsync(instances, """SELECT COUNT(*) FROM "WebhookDeliveries" WHERE "Tries" = 1""");
        receiver.Say(200);
        // Due at once, but claimed for longer than a test waits.
        await ClaimAsync(instances, "now() + interval '1 hour'");
        await instances.AddAsync();
        await Task.Delay(TimeSpan.FromSeconds(1.5), TimeProvider.System, Ended);
        Assert.Single(receiver.Messages);

        await ClaimAsync(instances, "now() - interval '1 second'");

        await receiver.NextAsync(2);
        Assert.Equal(2, await DeliveredAsync(instances, made.Id));
    }

    private static Task<long> ClaimAsync(Instances instances, string until) => instances.Store.ExecuteAsync($"""
        UPDATE "WebhookDeliveries" SET "ClaimedBy" = 'dead', "NextAttemptAt" = 1,
            "ClaimedUntil" = (extract(epoch FROM {until}) * 10000000)::bigint + 621355968000000000
        """);

    /// <returns>The number of attempts of its one delivery.</returns>
    private static async Task<int> DeliveredAsync(Instances instances, string id)
    {
        while (true)
        {
            var list = await instances[0].GetAsync($"/generations/{id}/deliveries", Keys.AsAdmin);
            var delivery = Assert.Single(list["data"].EnumerateArray());
            if (delivery.GetProperty("status").GetString() == "delivered")
                return delivery.GetProperty("attempts").GetArrayLength();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        }
    }

    private static async Task UntilAsync(Instances instances, string count)
    {
        while (await instances.Store.ExecuteAsync(count) == 0)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Ended);
    }
}
