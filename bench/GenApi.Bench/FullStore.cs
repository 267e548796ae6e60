using Microsoft.Data.Sqlite;

namespace GenApi.Bench;

/// <summary>
/// Fills a store in seconds: copies its one real generation row by row with new ids, keys and times. It reads the columns from the
/// database, so it also copies columns that are added later.
/// </summary>
internal static class FullStore
{
    /// <summary>
    /// The values that differ from row to row; <c>n.i</c> is the number of the copy. Ticks are 100 ns: each copy is one second older.
    /// </summary>
    private static readonly Dictionary<string, string> Own = new(StringComparer.Ordinal)
    {
        ["Id"] = "unhex(printf('%08X', n.i) || substr(hex(t.Id), 9))",
        ["GenerationId"] = "unhex(printf('%08X', n.i) || substr(hex(t.GenerationId), 9))",
        ["CacheKey"] = "printf('%08x', n.i) || substr(t.CacheKey, 9)",
        ["ReuseKey"] = "printf('%08x', n.i) || substr(t.ReuseKey, 9)",
        ["FlightKey"] = "printf('%08x', n.i) || substr(t.FlightKey, 9)",
        ["PredictionId"] = "printf('%08x', n.i) || substr(t.PredictionId, 9)",
        ["Prompt"] = "t.Prompt || ' ' || n.i",
        ["CreatedAt"] = "t.CreatedAt - n.i * 10000000",
    };

    private static readonly Dictionary<string, string> OwnOfModel = new(StringComparer.Ordinal)
    {
        ["Reference"] = "'bench/m' || n.i",
        ["Owner"] = "'bench'",
        ["Name"] = "'m' || n.i",
    };

    /// <returns>The size of the database in bytes.</returns>
    /// <exception cref="BenchException">The store has fewer rows than requested in the end.</exception>
    public static async Task<long> FillAsync(string file, int rows, CancellationToken cancellationToken)
    {
        await using var db = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        await db.OpenAsync(cancellationToken);
        await ExecuteAsync(db, "PRAGMA synchronous=OFF", cancellationToken);
        const string counting = "SELECT count(*) FROM Generations";
        var before = (long)(await ScalarAsync(db, counting, cancellationToken))!;
        await CopyAsync(db, "Generations", Own, rows - 1, cancellationToken);
        await CopyAsync(db, "Images", Own, rows - 1, cancellationToken);
        // The next start indexes them for the search, as after an upgrade.
        await ExecuteAsync(db, "INSERT OR IGNORE INTO UnindexedPrompts SELECT Number FROM Generations", cancellationToken);
        var count = (long)(await ScalarAsync(db, counting, cancellationToken))!;
        if (count != before + rows - 1)
            throw new BenchException($"The full store has {count} generations, not {before + rows - 1}.");
        await ExecuteAsync(db, "PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
        return new FileInfo(file).Length;
    }

    /// <summary>Copies the data of one model to <paramref name="rows"/> others, called <c>bench/m1</c> and so on.</summary>
    public static async Task FillModelsAsync(string file, int rows, CancellationToken cancellationToken)
    {
        await using var db = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ConnectionString);
        await db.OpenAsync(cancellationToken);
        await CopyAsync(db, "Models", OwnOfModel, rows, cancellationToken);
    }

    private static async Task CopyAsync(
        SqliteConnection db, string table, Dictionary<string, string> own, int copies, CancellationToken cancellationToken)
    {
        var columns = new List<string>();
        await using (var command = db.CreateCommand())
        {
            command.CommandText = $"SELECT name FROM pragma_table_info('{table}') WHERE name <> 'Number'";
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                columns.Add(reader.GetString(0));
        }
        var names = string.Join(", ", columns.Select(each => $"\"{each}\""));
        var values = string.Join(", ", columns.Select(each => own.TryGetValue(each, out var value) ? value : $"t.\"{each}\""));
        await ExecuteAsync(
            db,
            $"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {copies}) "
                + $"INSERT INTO \"{table}\" ({names}) SELECT {values} FROM n, (SELECT * FROM \"{table}\" LIMIT 1) t",
            cancellationToken);
    }

    private static async Task ExecuteAsync(SqliteConnection db, string sql, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<object?> ScalarAsync(SqliteConnection db, string sql, CancellationToken cancellationToken)
    {
        await using var command = db.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
