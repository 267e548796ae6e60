using System.Globalization;

namespace GenApi.Core.Persistence.Transfer;

/// <summary>The rows of a SQLite file.</summary>
internal sealed class SqliteRows(GenApiDbContext db) : StoreRows(db)
{
    public override async Task<long> LastNumberAsync(StoreTable table, CancellationToken cancellationToken)
    {
        // SQLite makes this table with the first numbered one.
        await using var command = Command("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = @table");
        Set(command, "table", table.Name);
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    public override async Task ContinueNumbersAsync(StoreTable table, long last, CancellationToken cancellationToken)
    {
        await using var command = Command(
            "DELETE FROM sqlite_sequence WHERE name = @table; INSERT INTO sqlite_sequence (name, seq) VALUES (@table, @last)");
        Set(command, "table", table.Name);
        Set(command, "last", last);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public override async Task<long> CountZeroTextsAsync(StoreTable table, StoreColumn column, CancellationToken cancellationToken)
    {
        await using var command = Command(
            $"SELECT count(*) FROM {Quoted(table.Name)} WHERE instr(CAST({Quoted(column.Name)} AS BLOB), x'00') > 0");
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    /// <summary>SQLite can't switch triggers off, but a transaction can drop them and make them again.</summary>
    protected override async Task<IReadOnlyList<string>> SuspendTriggersAsync(StoreTable table, CancellationToken cancellationToken)
    {
        var triggers = new List<(string Name, string Sql)>();
        await using (var command = Command("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = @table"))
        {
            Set(command, "table", table.Name);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
                triggers.Add((reader.GetString(0), reader.GetString(1)));
        }
        foreach (var (name, _) in triggers)
            await RunAsync($"DROP TRIGGER {Quoted(name)}", cancellationToken);
        return [.. triggers.Select(trigger => trigger.Sql)];
    }

    protected override async Task RestoreTriggersAsync(
        StoreTable table, IReadOnlyList<string> triggers, CancellationToken cancellationToken)
    {
        foreach (var trigger in triggers)
            await RunAsync(trigger, cancellationToken);
    }

    protected override async Task InsertAsync(StoreTable table, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", table.Columns.Select(column => Quoted(column.Name)));
        var values = string.Join(", ", table.Columns.Select((_, at) => string.Create(CultureInfo.InvariantCulture, $"@v{at}")));
        await using var command = Command($"INSERT INTO {Quoted(table.Name)} ({names}) VALUES ({values})");
        for (var at = 0; at < table.Columns.Count; at++)
            Set(command, string.Create(CultureInfo.InvariantCulture, $"v{at}"), null);
        await command.PrepareAsync(cancellationToken);
        foreach (var row in rows)
        {
            for (var at = 0; at < row.Length; at++)
                command.Parameters[at].Value = table.Columns[at].ToStored(row[at]) ?? DBNull.Value;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private async Task RunAsync(string statement, CancellationToken cancellationToken)
    {
        await using var command = Command(statement);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
