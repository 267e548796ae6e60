using System.Text.Json;

namespace GenApi.Tests.Gallery;

/// <summary>Reads lists of images over HTTP.</summary>
internal static class Listed
{
    /// <summary>The rows of one page, which must be there.</summary>
    public static async Task<IReadOnlyList<JsonElement>> RowsAsync(GenApiApp app, string query = "", params (string, string)[] key) =>
        [.. (await PageAsync(app, query, key))["data"].EnumerateArray()];

    /// <summary>The ids of one page.</summary>
    public static async Task<IReadOnlyList<string>> IdsAsync(GenApiApp app, string query = "", params (string, string)[] key) =>
        IdsOf(await PageAsync(app, query, key));

    public static async Task<Answer> PageAsync(GenApiApp app, string query, params (string, string)[] key)
    {
        var page = await app.GetAsync("/images" + query, key);
        Assert.True(page.Status == 200, $"{query}: {page.Status} {page.Text}");
        return page;
    }

    /// <summary>The ids of all pages, and the number of pages.</summary>
    public static async Task<(IReadOnlyList<string> Ids, int Pages)> AllAsync(
        GenApiApp app, string query, params (string, string)[] key)
    {
        var ids = new List<string>();
        string? cursor = null;
        for (var pages = 1; pages < 1000; pages++)
        {
            var page = await PageAsync(app, cursor is null ? query : $"{query}&cursor={cursor}", key);
            ids.AddRange(IdsOf(page));
            if ((cursor = CursorOf(page)) is null)
                return (ids, pages);
        }
        throw new InvalidOperationException("The list has no end.");
    }

    public static IReadOnlyList<string> IdsOf(Answer page) =>
        [.. page["data"].EnumerateArray().Select(row => row.GetProperty("id").GetString()!)];

    public static string? CursorOf(Answer page) => page["next_cursor"].GetString();

    /// <summary>The ids of a generation's images, in its own order.</summary>
    public static IReadOnlyList<string> ImagesOf(Answer made)
    {
        Assert.True(made.Status == 200, made.Text);
        return [.. made["images"].EnumerateArray().Select(image => image.GetProperty("id").GetString()!)];
    }

    public static IReadOnlyList<string?> Strings(JsonElement list) => [.. list.EnumerateArray().Select(each => each.GetString())];
}
