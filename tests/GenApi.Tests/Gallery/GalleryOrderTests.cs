using GenApi.Core.Generations.Gallery;
using GenApi.Tests.Generations;

namespace GenApi.Tests.Gallery;

/// <summary>Tests that the list can be read from either end and from any image.</summary>
public sealed class GalleryOrderTests
{
    [Fact]
    public async Task The_oldest_first_is_exactly_the_opposite_order_whatever_the_filters()
    {
        await using var app = await GenApiApp.StartAsync();
        for (var seed = 1; seed <= 4; seed++)
            await TwoAsync(app, seed);
        var all = (await Listed.AllAsync(app, "?limit=100")).Ids;
        Assert.Equal(8, all.Count);
        await app.SendAsync(HttpMethod.Put, $"/images/{all[1]}/tags/a", null);
        await app.SendAsync(HttpMethod.Put, $"/images/{all[2]}/tags/a", null);
        await app.SendAsync(HttpMethod.Put, $"/images/{all[7]}/tags/a", null);

        var filters = (string[])["", "&q=fox", "&model=sd", "&format=png", "&tag=a", "&tag=a&q=fox", "&created_after=2001-01-01T00:00:00Z"];
        foreach (var filter in filters)
        {
            foreach (var limit in (int[])[1, 3, 100])
            {
                var down = (await Listed.AllAsync(app, $"?limit={limit}{filter}")).Ids;
                var up = (await Listed.AllAsync(app, $"?order=oldest&limit={limit}{filter}")).Ids;
                Assert.Equal((filter, string.Join(' ', down.Reverse())), (filter, string.Join(' ', up)));
            }
        }
    }

    [Fact]
    public async Task A_list_begins_at_any_image_in_both_directions()
    {
        await using var app = await GenApiApp.StartAsync();
        for (var seed = 1; seed <= 3; seed++)
            await TwoAsync(app, seed);
        var all = (await Listed.AllAsync(app, "?limit=100")).Ids;
        foreach (var filter in (string[])["", "&q=fox", "&model=sd"])
        {
            for (var at = 0; at < all.Count; at++)
            {
                Assert.Equal(all.Skip(at), await FromAsync(app, all[at], $"?limit=2{filter}"));
                Assert.Equal(all.Take(at + 1).Reverse(), await FromAsync(app, all[at], $"?order=oldest&limit=2{filter}"));
            }
        }
        // An image that does not match holds its place.
        await app.SendAsync(HttpMethod.Put, $"/images/{all[1]}/tags/b", null);
        await app.SendAsync(HttpMethod.Put, $"/images/{all[4]}/tags/b", null);
        Assert.Equal([all[4]], await Listed.IdsAsync(app, $"?tag=b&from={all[3]}"));
        Assert.Equal([all[1]], await Listed.IdsAsync(app, $"?tag=b&order=oldest&from={all[3]}"));
    }

    [Fact]
    public async Task Images_that_arrive_come_at_the_end_of_a_list_read_upwards()
    {
        await using var app = await GenApiApp.StartAsync();
        var first = await TwoAsync(app, 1);
        var page = await Listed.PageAsync(app, "?order=oldest&limit=1");
        Assert.Equal([first[1]], Listed.IdsOf(page));
        var second = await TwoAsync(app, 2);
        var rest = await Listed.IdsAsync(app, $"?order=oldest&limit=5&cursor={Listed.CursorOf(page)}");
        Assert.Equal([first[0], second[1], second[0]], rest);
    }

    [Fact]
    public async Task A_rare_match_makes_short_pages_upwards_too()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        await app.StopAsync();
        await SearchStore.CopyAsync(app, GalleryReader.MostPerRequest + 1500);
        await app.StartAgainAsync();
        var newest = await app.GenerateAsync(Requests.Small(2));
        var page = await Listed.PageAsync(app, "?order=oldest&limit=5");
        Assert.Single(page["data"].EnumerateArray());
        var rest = await Listed.IdsAsync(app, $"?order=oldest&limit=5&cursor={Listed.CursorOf(page)}");
        Assert.Equal(Listed.ImagesOf(newest), rest);
    }

    [Theory]
    [InlineData("?order=up", "order", "newest or oldest")]
    [InlineData("?from=gen_01m874sb8sejtsw12hbne676v8", "from", "img_")]
    [InlineData("?from=img_01m874sb8sejtsw12hbne676v8&cursor=x", "from", "Send one of them")]
    public async Task A_wrong_beginning_names_what_is_allowed(string query, string member, string allowed)
    {
        await using var app = await GenApiApp.StartAsync();
        var answer = await app.GetAsync("/images" + query);
        Assert.Equal(400, answer.Status);
        Assert.Contains(allowed, answer["errors"].GetProperty(member)[0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_does_not_begin_at_an_image_that_is_not_there()
    {
        await using var app = await GenApiApp.StartAsync();
        var two = await TwoAsync(app, 1);
        await app.DeleteAsync($"/images/{two[0]}");
        Assert.Equal(404, (await app.GetAsync($"/images?from={two[0]}")).Status);
        Assert.Equal([two[1]], await Listed.IdsAsync(app, $"?from={two[1]}"));
    }

    private static async Task<IReadOnlyList<string>> FromAsync(GenApiApp app, string image, string query)
    {
        var ids = new List<string>();
        for (var place = $"from={image}"; place is not null;)
        {
            var page = await Listed.PageAsync(app, $"{query}&{place}");
            ids.AddRange(Listed.IdsOf(page));
            place = Listed.CursorOf(page) is { } cursor ? $"cursor={cursor}" : null;
        }
        return ids;
    }

    private static async Task<IReadOnlyList<string>> TwoAsync(GenApiApp app, int seed) => Listed.ImagesOf(
        await app.GenerateAsync(new { prompt = "a red fox", model = "sd", width = 64, height = 64, num_outputs = 2, seed }));
}
