using GenApi.Client;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Client;

public sealed class GalleryTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_caller_lists_tags_and_finds_its_images()
    {
        await using var app = await Keys.StartAsync();
        using var client = new GenApiClient(app.Address, (await app.MakeAsync("ann")).Secret);
        var made = new List<Generation>();
        for (var seed = 1; seed <= 3; seed++)
        {
            var request = new GenerateRequest { Prompt = "a red fox", Width = 64, Height = 64, Seed = seed };
            made.Add(await client.GenerateAsync(request, cancellationToken: Ended));
        }
        var ids = made.Select(each => each.Images[0].Id).ToList();

        await client.TagAsync(ids[1], "Best of / 2026", Ended);
        await client.TagAsync(ids[1], "fox", Ended);
        var all = await client.ListImagesAsync(new() { PageSize = 1 }, Ended).ToListAsync(Ended);
        var query = new ImageQuery
        {
            Words = "fox red",
            Model = "sdxl",
            CreatedAfter = made[0].CreatedAt,
            CreatedBefore = made[2].CreatedAt,
            Pinned = false,
            MinWidth = 64,
            Format = "png",
            Tag = "BEST OF / 2026",
        };
        var found = Assert.Single(await client.ListImagesAsync(query, Ended).ToListAsync(Ended));
        var tags = await client.ListTagsAsync(ids[1], Ended);
        await client.UntagAsync(ids[1], "fox", Ended);
        await client.UntagAsync(ids[1], "fox", Ended);

        Assert.Equal(ids.AsEnumerable().Reverse(), all.Select(each => each.Id));
        Assert.Equal((ids[1], made[1].Id, 64, 2L), (found.Id, found.GenerationId, found.Width, found.Seed));
        Assert.Equal(["best of / 2026", "fox"], found.Tags);
        Assert.Equal(found.Tags, tags);
        Assert.Equal(["best of / 2026"], await client.ListTagsAsync(Ended));
        Assert.EndsWith("&width=256&format=webp", found.ThumbnailUrl, StringComparison.Ordinal);
        var unknown = await Assert.ThrowsAsync<GenApiProblemException>(() => client.TagAsync("img_01m874scntedft1trzb6g6ttzr", "x", Ended));
        Assert.Equal((404, 1), (unknown.Status, unknown.Attempts));
        await Assert.ThrowsAsync<ArgumentException>(() => client.TagAsync(ids[0], "..", Ended));
    }
}
