using GenApi.Core.Generations.Gallery;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Gallery;

/// <summary>Tests that pages fit together whatever happens between them, and that no page takes long.</summary>
public sealed class GalleryPagingTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Images_that_arrive_or_go_between_pages_shift_nothing()
    {
        await using var app = await GenApiApp.StartAsync();
        var first = await TwoAsync(app, 1);
        var second = await TwoAsync(app, 2);
        var third = await TwoAsync(app, 3);

        // The page ends within a generation.
        var page = await Listed.PageAsync(app, "?limit=3");
        Assert.Equal([third[0], third[1], second[0]], Listed.IdsOf(page));
        var later = await TwoAsync(app, 4);
        // The row that the cursor names goes, and one that comes next.
        await app.DeleteAsync($"/images/{second[0]}");
        await app.DeleteAsync($"/images/{first[0]}");

        var (rest, _) = await Listed.AllAsync(app, $"?limit=3&cursor={Listed.CursorOf(page)}");
        Assert.Equal([second[1], first[1]], rest);
        Assert.Equal([.. later, .. third, second[1], first[1]], (await Listed.AllAsync(app, "?limit=1")).Ids);

        // A whole generation goes; the words of a search page the same way.
        page = await Listed.PageAsync(app, "?q=fox&limit=5");
        Assert.Equal([.. later, .. third, second[1]], Listed.IdsOf(page));
        await TwoAsync(app, 5);
        await app.DeleteAsync($"/generations/{await GenerationOfAsync(app, second[1])}");
        Assert.Equal([first[1]], Listed.IdsOf(await Listed.PageAsync(app, $"?q=fox&limit=5&cursor={Listed.CursorOf(page)}")));
    }

    [Fact]
    public async Task A_filter_that_matches_rarely_returns_short_pages_that_lead_to_the_end()
    {
        await using var app = await GenApiApp.StartAsync();
        var oldest = await app.GenerateAsync(Requests.Small(1));
        await app.StopAsync();
        // Copies are as old as the original, have no image, and higher numbers.
        await SearchStore.CopyAsync(app, GalleryReader.MostPerRequest + 1500);
        await app.StartAgainAsync();
        await SearchFilledAsync(app);

        foreach (var query in (string[])["?limit=5", "?format=png", "?min_width=64", "?q=fox", "?model=sdxl"])
        {
            var page = await Listed.PageAsync(app, query);
            Assert.Equal((query, 0), (query, page["data"].GetArrayLength()));
            Assert.NotNull(Listed.CursorOf(page));
            Assert.Equal((query, 2), (query, (await Listed.AllAsync(app, query)).Pages));
            Assert.Equal(Listed.ImagesOf(oldest), (await Listed.AllAsync(app, query)).Ids);
        }
        // Tags and pins have their own indexes.
        await app.SendAsync(HttpMethod.Put, $"/images/{Listed.ImagesOf(oldest)[0]}/tags/old", null);
        await app.PostAsync($"/generations/{oldest.Id}/pin");
        Assert.Equal(Listed.ImagesOf(oldest), await Listed.IdsAsync(app, "?tag=old"));
        Assert.Equal(Listed.ImagesOf(oldest), await Listed.IdsAsync(app, "?pinned=true"));
    }

    [Fact]
    public async Task A_step_does_not_end_a_list()
    {
        await using var app = await GenApiApp.StartAsync();
        await app.GenerateAsync(Requests.Small(1));
        await app.StopAsync();
        await SearchStore.CopyAsync(app, 300);
        // Each copy has an image, and each second has another creation time than the one before.
        await Damage.ExecuteAsync(app, $"""
            UPDATE Generations SET CreatedAt = CreatedAt + Number / 2;
            INSERT INTO Images (Id, GenerationId, "Index", BlobKey, ContentType, Width, Height, Bytes, FileName, CreatedAt, Kind)
            SELECT {app.Store.NewId}, g.Id, 0, i.BlobKey, i.ContentType, i.Width, i.Height, i.Bytes, i.FileName, i.CreatedAt, i.Kind
            FROM Generations g, Images i WHERE g.Number > 1;
            """);
        await app.StartAgainAsync();

        var (ids, pages) = await Listed.AllAsync(app, "?limit=7&format=png");

        Assert.Equal(301, ids.Distinct().Count());
        Assert.Equal((301, 43), (ids.Count, pages));
        Assert.Equal(301, (await Listed.AllAsync(app, "?limit=100")).Ids.Distinct().Count());
    }

    private static async Task<IReadOnlyList<string>> TwoAsync(GenApiApp app, int seed) => Listed.ImagesOf(
        await app.GenerateAsync(new { prompt = "a red fox", model = "sd", width = 64, height = 64, num_outputs = 2, seed }));

    private static async Task<string> GenerationOfAsync(GenApiApp app, string image) =>
        (await app.GetAsync($"/images/{image}/info"))["generation", "id"].GetString()!;

    private static async Task SearchFilledAsync(GenApiApp app)
    {
        while ((await app.GetAsync("/images?q=anything")).Status == 503)
            await Task.Yield();
        Ended.ThrowIfCancellationRequested();
    }
}
