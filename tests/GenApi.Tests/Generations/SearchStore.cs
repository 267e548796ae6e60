using GenApi.Tests.Accounts;

namespace GenApi.Tests.Generations;

/// <summary>Makes many rows in the store of a stopped service, and stores of older versions.</summary>
internal static class SearchStore
{
    /// <summary>
    /// Copies the first generation, with new ids and without images. The copies wait for the search index.
    /// </summary>
    public static async Task CopyAsync(GenApiApp app, int copies)
    {
        var columns = await app.Store.ColumnsAsync("Generations");
        var values = columns.Select(each => each switch
        {
            "Id" => app.Store.NewId,
            "CacheKey" or "ReuseKey" or "PredictionId" => app.Store.NewText,
            "IsAnswer" => "FALSE",
            _ => $"\"{each}\"",
        });
        // WHERE TRUE: SQLite would take ON for a part of the FROM.
        await app.Store.ExecuteAsync($"""
            INSERT INTO Generations ({string.Join(", ", columns.Select(each => $"\"{each}\""))})
            SELECT {string.Join(", ", values)} FROM (WITH RECURSIVE n(i) AS
            (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies}) SELECT i FROM n) AS copies CROSS JOIN Generations WHERE Number = 1;
            INSERT INTO UnindexedPrompts SELECT Number FROM Generations WHERE TRUE ON CONFLICT DO NOTHING;
            """);
    }

    /// <summary>Waits until all rows are in the search index.</summary>
    public static async Task FilledAsync(GenApiApp app)
    {
        Answer page;
        do
        {
            page = await app.GetAsync("/generations?q=anything", Keys.AsAdmin);
            Assert.True(page.Status is 200 or 503, page.Text);
        }
        while (page.Status == 503);
    }
}
