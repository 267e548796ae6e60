using GenApi.Tests.Accounts;
using GenApi.Tests.Generations;

namespace GenApi.Tests.Cluster;

/// <summary>Tests GET /events where the changes are made at other instances, and streams that go on at another one.</summary>
public sealed class FeedElsewhereTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_stream_shows_what_happens_at_another_instance_and_goes_on_there()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        var (here, there) = (instances[0], instances[1]);
        var (feed, _) = await FeedReading.BeginAsync(here, key: Keys.Admin);
        string? position;
        await using (feed)
        {
            var made = await there.GenerateAsync(Requests.Small(1), Keys.AsAdmin);
            await feed.UntilAsync(item => Is(item, made.Id) && item.Status == "succeeded");
            position = feed.LastId;
        }

        var missed = await here.GenerateAsync(Requests.Small(2), Keys.AsAdmin);
        var image = missed.ImageUrl().AbsolutePath.Split('/')[^1];
        Assert.Equal(204, (await here.SendAsync(HttpMethod.Put, $"/images/{image}/tags/fox", null, Keys.AsAdmin)).Status);
        var gone = await here.GenerateAsync(Requests.Small(3), Keys.AsAdmin);
        Assert.Equal(204, (await there.DeleteAsync($"/generations/{gone.Id}", Keys.AsAdmin)).Status);

        var (again, beginning) = await FeedReading.BeginAsync(there, position, Keys.Admin);
        await using (again)
        {
            Assert.DoesNotContain(beginning, item => item.Name == "reset");
            Assert.Contains(beginning, item => Is(item, missed.Id));
            Assert.Contains(beginning, item => item.Name == "tagged" && item.Image == image);
            Assert.Contains(beginning, item => item.Name == "removed" && item.Id == gone.Id);
        }
    }

    [Fact]
    public async Task A_key_sees_only_its_own_and_loses_what_is_deleted_elsewhere()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        var (here, there) = (instances[0], instances[1]);
        var (ann, bob) = ((await here.MakeAsync("ann")).Secret, (await here.MakeAsync("bob")).Secret);
        while ((await there.GetAsync("/accounts/me", Keys.Of(bob))).Status != 200)
            Ended.ThrowIfCancellationRequested();
        var (feed, _) = await FeedReading.BeginAsync(here, key: bob);
        await using (feed)
        {
            var hers = await there.GenerateAsync(Requests.Small(1), Keys.Of(ann));
            // The same request makes it his too.
            await there.GenerateAsync(Requests.Small(1), Keys.Of(bob));
            var seen = await feed.UntilAsync(item => Is(item, hers.Id));
            Assert.Single(seen, item => item.Id == hers.Id);

            Assert.Equal(204, (await there.DeleteAsync($"/generations/{hers.Id}", Keys.Of(bob))).Status);

            await feed.UntilAsync(item => item.Name == "removed" && item.Id == hers.Id);
            Assert.Equal(404, (await here.GetAsync($"/generations/{hers.Id}", Keys.Of(bob))).Status);
            Assert.Equal(200, (await here.GetAsync($"/generations/{hers.Id}", Keys.Of(ann))).Status);
        }
    }

    [Fact]
    public async Task A_position_whose_changes_are_removed_begins_with_a_reset()
    {
        Instances.Require();
        await using var instances = await Instances.StartAsync(2);
        var (feed, _) = await FeedReading.BeginAsync(instances[0], key: Keys.Admin);
        await feed.DisposeAsync();
        var made = await instances[1].GenerateAsync(Requests.Small(1), Keys.AsAdmin);
        await instances.Store.ExecuteAsync(
            """DELETE FROM "Changes" WHERE "Seq" < (SELECT MAX("Seq") FROM "Changes")""");

        var (again, beginning) = await FeedReading.BeginAsync(instances[1], feed.LastId, Keys.Admin);
        await using (again)
        {
            Assert.Equal("reset", beginning[0].Name);
            Assert.Contains(beginning, item => Is(item, made.Id));
        }
    }

    private static bool Is(FeedItem item, string id) => item.Name == "generation" && item.Id == id;
}
