using System.Globalization;
using GenApi.Tests.Maintenance;
using Microsoft.Data.Sqlite;

namespace GenApi.Tests.Page.Many;

/// <summary>Fills the store of a stopped service: copies its first generation and its image row by row, with the same bytes.</summary>
internal static class ManyRows
{
    /// <summary>
    /// The copies are one second older from row to row, and every other generation is older than them all. The copies are not in the
    /// search index, which would take longer to fill than the store.
    /// </summary>
    public static async Task CopyAsync(GenApiApp app, int copies)
    {
        await using var db = new SqliteConnection($"Data Source={Damage.Database(app)};Pooling=False");
        await db.OpenAsync(TestContext.Current.CancellationToken);
        await ExecuteAsync(db, "PRAGMA synchronous=OFF; PRAGMA temp_store=MEMORY");
        await ExecuteAsync(db, string.Create(
            CultureInfo.InvariantCulture,
            $"UPDATE Generations SET CreatedAt = CreatedAt - {copies + 100L} * 10000000 WHERE Number > 1"));
        await CopyAsync(db, "Generations", copies, new()
        {
            ["Id"] = "unhex(printf('%08X', n.i) || substr(hex(t.Id), 9))",
            ["CacheKey"] = "printf('%08x', n.i) || substr(t.CacheKey, 9)",
            ["ReuseKey"] = "printf('%08x', n.i) || substr(t.ReuseKey, 9)",
            ["FlightKey"] = "printf('%08x', n.i) || substr(t.FlightKey, 9)",
            ["PredictionId"] = "printf('%08x', n.i) || substr(t.PredictionId, 9)",
            ["IsAnswer"] = "0",
            ["CreatedAt"] = "t.CreatedAt - n.i * 10000000",
        });
        await CopyAsync(db, "Images", copies, new()
        {
            ["Id"] = "unhex(printf('%08X', n.i) || substr(hex(t.Id), 9))",
            ["GenerationId"] = "unhex(printf('%08X', n.i) || substr(hex(t.GenerationId), 9))",
        });
    }

    private static async Task CopyAsync(SqliteConnection db, string table, int copies, Dictionary<string, string> own)
    {
        var columns = new List<string>();
        await using (var command = db.CreateCommand())
        {
            command.CommandText = $"SELECT name FROM pragma_table_info('{table}') WHERE name <> 'Number'";
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                columns.Add(reader.GetString(0));
        }
        var values = columns.Select(each => own.GetValueOrDefault(each, $"t.\"{each}\""));
        var first = table == "Generations" ? "Number = 1" : "GenerationId = (SELECT Id FROM Generations WHERE Number = 1)";
        await ExecuteAsync(db, $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies}) "
            + $"INSERT INTO \"{table}\" ({string.Join(", ", columns.Select(each => $"\"{each}\""))}) "
            + $"SELECT {string.Join(", ", values)} FROM n, (SELECT * FROM \"{table}\" WHERE {first} LIMIT 1) t");
    }

    private static async Task ExecuteAsync(SqliteConnection db, string sql)
    {
        await using var command = db.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }
}
