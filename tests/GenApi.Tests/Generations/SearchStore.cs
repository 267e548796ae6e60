using GenApi.Core.Persistence.Sqlite;
using GenApi.Tests.Accounts;
using GenApi.Tests.Maintenance;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Tests.Generations;

/// <summary>Makes many rows in the store of a stopped service, and stores of older versions.</summary>
internal static class SearchStore
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>
    /// Copies the first generation, with new ids and without images. The copies wait for the search index.
    /// </summary>
    public static async Task CopyAsync(GenApiApp app, int copies)
    {
        await using var db = Open(app);
        var columns = await db.Database
            .SqlQueryRaw<string>("SELECT name AS Value FROM pragma_table_info('Generations') WHERE name <> 'Number'").ToListAsync(Ended);
        var values = columns.Select(each => each switch
        {
            "Id" => "randomblob(16)",
            "CacheKey" or "ReuseKey" or "PredictionId" => "hex(randomblob(16))",
            "IsAnswer" => "0",
            _ => $"\"{each}\"",
        });
        var insert = $"INSERT INTO Generations ({string.Join(", ", columns.Select(each => $"\"{each}\""))}) "
            + $"SELECT {string.Join(", ", values)} FROM (WITH RECURSIVE n(i) AS "
            + $"(SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies}) SELECT i FROM n) CROSS JOIN Generations WHERE Number = 1";
        await db.Database.ExecuteSqlRawAsync(insert, Ended);
        await db.Database.ExecuteSqlRawAsync("INSERT OR IGNORE INTO UnindexedPrompts SELECT Number FROM Generations", Ended);
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

    private static SqliteGenApiDbContext Open(GenApiApp app) =>
        new(new DbContextOptionsBuilder<SqliteGenApiDbContext>().UseSqlite($"Data Source={Damage.Database(app)};Pooling=False").Options);
}
