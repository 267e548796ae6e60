using Microsoft.Data.Sqlite;

namespace GenApi.Tests.Chaos;

/// <summary>Counts the windows of a generation's life in which kills fell, from the state that the dead process left on the disk.</summary>
internal sealed class ChaosWindows
{
    private const string Open = """
        SELECT CASE
            WHEN "Status" = 'Queued' AND "SubmittingAt" IS NULL THEN 'before the intent'
            WHEN "Status" = 'Queued' THEN 'intent saved, answer not'
            WHEN "Status" = 'Storing' THEN 'storing'
            ELSE 'running'
        END, COUNT(*) FROM "Generations" WHERE "CompletedAt" IS NULL GROUP BY 1
        """;

    private readonly SortedDictionary<string, (int Kills, int Generations)> _seen = new(StringComparer.Ordinal);

    /// <summary>Reads a data directory that no process owns.</summary>
    /// <returns>The number of unfinished generations.</returns>
    public async Task<int> LookAsync(string dataDirectory)
    {
        var file = Path.Combine(dataDirectory, "genapi.db");
        var temp = Path.Combine(dataDirectory, "blobs", "tmp");
        if (Directory.Exists(temp) && Directory.GetFiles(temp).Length is > 0 and var parts)
            Count("in the middle of a file", parts);
        if (!File.Exists(file))
        {
            Count("before there was a database", 0);
            return 0;
        }
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = Open;
        try
        {
            await using var rows = await command.ExecuteReaderAsync();
            var unfinished = 0;
            for (; await rows.ReadAsync(); unfinished += rows.GetInt32(1))
                Count(rows.GetString(0), rows.GetInt32(1));
            if (unfinished == 0)
                Count("nothing in flight", 0);
            return unfinished;
        }
        catch (SqliteException) when (!HasTable(connection))
        {
            Count("before there was a table", 0);
            return 0;
        }
    }

    /// <summary>Counts unfinished generations while a process works on them.</summary>
    public static async Task<long> UnfinishedAsync(string dataDirectory, CancellationToken cancellationToken)
    {
        await using var connection = new SqliteConnection(
            $"Data Source={Path.Combine(dataDirectory, "genapi.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = """SELECT count(*) FROM "Generations" WHERE "CompletedAt" IS NULL""";
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public override string ToString() =>
        string.Join("; ", _seen.Select(window => $"{window.Key}: {window.Value.Kills} kills, {window.Value.Generations} generations"));

    private void Count(string window, int generations)
    {
        var (kills, before) = _seen.GetValueOrDefault(window);
        _seen[window] = (kills + 1, before + generations);
    }

    private static bool HasTable(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'Generations'";
        return (long)command.ExecuteScalar()! == 1;
    }
}
