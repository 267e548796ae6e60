using System.Text.Json;
using GenApi.Tests.Accounts;
using static GenApi.Tests.Doors.Replicate.ReplicateCalls;

namespace GenApi.Tests.Doors.Replicate;

/// <summary>The list of predictions: its pages lead to each other in both directions, by absolute addresses.</summary>
public sealed class PredictionListTests
{
    [Fact]
    public async Task Pages_of_a_hundred_lead_to_each_other_in_both_directions()
    {
        await using var app = await Keys.StartAsync();
        var (shop, other) = (Keys.Of((await app.MakeAsync("shop")).Secret), Keys.Of((await app.MakeAsync("other")).Secret));
        // A shared one is in the lists of both.
        var shared = await app.PredictAsync(1, [other, Wait]);
        var ids = new List<string> { (await app.PredictAsync(1, shop)).Id };
        Assert.Equal(shared.Id, ids[0]);
        foreach (var seed in Enumerable.Range(2, 102))
            ids.Add((await app.PredictAsync(seed, shop)).Id);
        await app.PredictAsync(1000, other);
        ids.Reverse();

        var first = await app.GetAsync(Predictions, shop);
        var second = await app.GetAsync(app.PathOf(first["next"].Text()), shop);
        var back = await app.GetAsync(app.PathOf(second["previous"].Text()), shop);

        Assert.Equal(JsonValueKind.Null, first["previous"].ValueKind);
        Assert.Equal(JsonValueKind.Null, second["next"].ValueKind);
        Assert.Equal(ids[..100], Ids(first));
        Assert.Equal(ids[100..], Ids(second));
        Assert.Equal(ids[..100], Ids(back));
        Assert.Equal(JsonValueKind.Null, back["previous"].ValueKind);
        Assert.Equal(ids[100..], Ids(await app.GetAsync(app.PathOf(back["next"].Text()), shop)));
        // An administrator sees the rows of all.
        Assert.Equal(ids[..99], Ids(await app.GetAsync(Predictions, Keys.AsAdmin))[1..]);

        // What is new since the first page is on the page before it.
        var newest = await app.PredictAsync(2000, shop);
        var before = await app.GetAsync(app.PathOf(second["previous"].Text()), shop);
        Assert.Equal(ids[..100], Ids(before));
        var start = await app.GetAsync(app.PathOf(before["previous"].Text()), shop);
        Assert.Equal([newest.Id], Ids(start));
        Assert.Equal(JsonValueKind.Null, start["previous"].ValueKind);

        // The filters are kept in the addresses.
        var at = first["results"][99].GetProperty("created_at").Text();
        var since = await app.GetAsync($"{Predictions}?created_after={at}", shop);
        Assert.Contains("created_after=", since["next"].Text(), StringComparison.Ordinal);
        Assert.Equal([ids[99]], Ids(await app.GetAsync(app.PathOf(since["next"].Text()), shop)));
        Assert.Equal(ids[100..], Ids(await app.GetAsync($"{Predictions}?created_before={at}", shop)));
        Assert.Empty(Ids(await app.GetAsync($"{Predictions}?source=web", shop)));

        var row = second["results"][second["results"].GetArrayLength() - 1];
        Assert.False(row.TryGetProperty("logs", out _));
        Assert.Equal(shared["output"][0].Text(), row.GetProperty("output")[0].Text());
    }

    private static List<string> Ids(Answer page)
    {
        Assert.True(page.Status == 200, page.Text);
        return [.. page["results"].EnumerateArray().Select(row => row.GetProperty("id").Text())];
    }
}
