using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GenApi.Core.Persistence.Transfer;

/// <summary>The rows of a PostgreSQL database.</summary>
internal sealed class PostgresRows(GenApiDbContext db) : StoreRows(db)
{
    public override async Task<long> LastNumberAsync(StoreTable table, CancellationToken cancellationToken)
    {
        var sequence = await SequenceAsync(table, cancellationToken);
        // A sequence that was never used stands at its first number.
        await using var command = Command($"SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END FROM {sequence}");
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    public override async Task ContinueNumbersAsync(StoreTable table, long last, CancellationToken cancellationToken)
    {
        var sequence = await SequenceAsync(table, cancellationToken);
        await using var command = Command("SELECT setval(CAST(@sequence AS regclass), @at, @isUsed)");
        Set(command, "sequence", sequence);
        Set(command, "at", Math.Max(1, last));
        Set(command, "isUsed", last > 0);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Replaces the character U+0000 by the replacement character, U+FFFD.</summary>
    public override object? Storable(object? value) =>
        value is string text && text.Contains('\0', StringComparison.Ordinal) ? text.Replace('\0', '\uFFFD') : value;

    /// <summary>Returns 0: PostgreSQL stores none.</summary>
    public override Task<long> CountZeroTextsAsync(StoreTable table, StoreColumn column, CancellationToken cancellationToken) =>
        Task.FromResult(0L);

    protected override async Task<IReadOnlyList<string>> SuspendTriggersAsync(StoreTable table, CancellationToken cancellationToken)
    {
        await RunAsync($"ALTER TABLE {Quoted(table.Name)} DISABLE TRIGGER USER", cancellationToken);
        return [];
    }

    protected override Task RestoreTriggersAsync(StoreTable table, IReadOnlyList<string> triggers, CancellationToken cancellationToken) =>
        RunAsync($"ALTER TABLE {Quoted(table.Name)} ENABLE TRIGGER USER", cancellationToken);

    protected override async Task InsertAsync(StoreTable table, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", table.Columns.Select(column => Quoted(column.Name)));
        var types = table.Columns.Select(column => Plain(column.StoreType)).ToArray();
        var connection = (NpgsqlConnection)Db.Database.GetDbConnection();
        await using var import = await connection.BeginBinaryImportAsync(
            $"COPY {Quoted(table.Name)} ({names}) FROM STDIN (FORMAT BINARY)", cancellationToken);
        import.Timeout = TimeSpan.Zero;
        foreach (var row in rows)
        {
            await import.StartRowAsync(cancellationToken);
            for (var at = 0; at < row.Length; at++)
            {
                if (table.Columns[at].ToStored(row[at]) is { } value)
                    await WriteAsync(import, value, types[at], cancellationToken);
                else
                    await import.WriteNullAsync(cancellationToken);
            }
        }
        await import.CompleteAsync(cancellationToken);
    }

    /// <summary>
    /// Names the type of the column with every value: the binary format is not checked against it, so a number written as another type is
    /// stored as another number, without an error.
    /// </summary>
    private static Task WriteAsync(NpgsqlBinaryImporter import, object value, string type, CancellationToken cancellationToken) =>
        value switch
        {
            long number => import.WriteAsync(number, type, cancellationToken),
            int number => import.WriteAsync(number, type, cancellationToken),
            bool flag => import.WriteAsync(flag, type, cancellationToken),
            double number => import.WriteAsync(number, type, cancellationToken),
            string text => import.WriteAsync(text, type, cancellationToken),
            byte[] bytes => import.WriteAsync(bytes, type, cancellationToken),
            Guid id => import.WriteAsync(id, type, cancellationToken),
            DateOnly day => import.WriteAsync(day, type, cancellationToken),
            _ => throw new NotSupportedException($"No move knows values of the type {value.GetType()}."),
        };

    /// <summary>Removes the length from a type: <c>character varying(64)</c>.</summary>
    private static string Plain(string type) => type.Split('(')[0];

    private async Task<string> SequenceAsync(StoreTable table, CancellationToken cancellationToken)
    {
        await using var command = Command("SELECT pg_get_serial_sequence(@table, @column)");
        Set(command, "table", Quoted(table.Name));
        Set(command, "column", table.Number);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private async Task RunAsync(string statement, CancellationToken cancellationToken)
    {
        await using var command = Command(statement);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
