using System.Data.Common;
using System.Globalization;
using System.Text;
using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace GenApi.Core.Persistence.Transfer;

/// <summary>
/// Reads and writes the rows of a database as they are, for a move to another engine. It knows tables and columns, not entities: no trigger
/// fires, nothing is derived, and no value is parsed. It uses one connection, which stays open.
/// </summary>
/// <param name="db">The context of the database.</param>
internal abstract class StoreRows(GenApiDbContext db)
{
    protected GenApiDbContext Db => db;

    /// <summary>Reads the next rows in the order of the primary key.</summary>
    /// <param name="table">The table.</param>
    /// <param name="after">The key of the last row before them; null: from the first row.</param>
    /// <param name="atMost">The number of rows; fewer are returned at the end only.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<object?[]>> ReadAsync(
        StoreTable table, object?[]? after, int atMost, CancellationToken cancellationToken)
    {
        var columns = string.Join(", ", table.Columns.Select(column => Quoted(column.Name)));
        var key = KeyOf(table);
        await using var command = Command(
            $"SELECT {columns} FROM {Quoted(table.Name)} {Beyond(table, after)} ORDER BY {key} LIMIT {atMost}");
        Bind(command, table, after);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<object?[]>(atMost);
        while (await reader.ReadAsync(cancellationToken))
        {
            var row = new object?[table.Columns.Count];
            for (var at = 0; at < row.Length; at++)
                row[at] = table.Columns[at].Read(reader, at);
            rows.Add(row);
        }
        return rows;
    }

    public async Task<long> CountAsync(StoreTable table, CancellationToken cancellationToken)
    {
        await using var command = Command($"SELECT count(*) FROM {Quoted(table.Name)}");
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellationToken), CultureInfo.InvariantCulture);
    }

    /// <summary>Adds rows in one transaction.</summary>
    /// <exception cref="GenApiException">StorageUnavailable or StorageFull: none was added.</exception>
    public Task AddAsync(StoreTable table, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken) =>
        ChangeAsync(table, () => InsertAsync(table, rows, cancellationToken), cancellationToken);

    /// <summary>Removes all rows after a key.</summary>
    /// <param name="table">The table.</param>
    /// <param name="after">The key of the last row that stays; null: none stays.</param>
    /// <param name="cancellationToken">Ends the removal.</param>
    public Task RemoveAsync(StoreTable table, object?[]? after, CancellationToken cancellationToken) =>
        ChangeAsync(
            table,
            async () =>
            {
                await using var command = Command($"DELETE FROM {Quoted(table.Name)} {Beyond(table, after)}");
                Bind(command, table, after);
                await command.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken);

    /// <summary>
    /// Returns the highest number that the engine ever gave to a row of the table, even if that row is gone. 0: none.
    /// </summary>
    public abstract Task<long> LastNumberAsync(StoreTable table, CancellationToken cancellationToken);

    /// <summary>Lets the engine continue after a number. No number is given twice: cursors and events name rows by it.</summary>
    public abstract Task ContinueNumbersAsync(StoreTable table, long last, CancellationToken cancellationToken);

    /// <summary>Returns a value as this engine can store it.</summary>
    public virtual object? Storable(object? value) => value;

    /// <summary>Counts the texts of a column that have the character U+0000, which PostgreSQL can't store.</summary>
    public abstract Task<long> CountZeroTextsAsync(StoreTable table, StoreColumn column, CancellationToken cancellationToken);

    /// <summary>Keeps every trigger of the table from firing until <see cref="RestoreTriggersAsync"/>, in the same transaction.</summary>
    /// <returns>What <see cref="RestoreTriggersAsync"/> needs.</returns>
    protected abstract Task<IReadOnlyList<string>> SuspendTriggersAsync(StoreTable table, CancellationToken cancellationToken);

    protected abstract Task RestoreTriggersAsync(StoreTable table, IReadOnlyList<string> triggers, CancellationToken cancellationToken);

    protected abstract Task InsertAsync(StoreTable table, IReadOnlyList<object?[]> rows, CancellationToken cancellationToken);

    /// <summary>Makes a command on the one connection, within its transaction.</summary>
    protected DbCommand Command(string text)
    {
        var command = db.Database.GetDbConnection().CreateCommand();
        // Every name in it comes from the model; every value is a parameter.
        command.CommandText = text;
        command.CommandTimeout = 0;
        if (db.Database.CurrentTransaction is { } transaction)
            command.Transaction = transaction.GetDbTransaction();
        return command;
    }

    protected static void Set(DbCommand command, string name, object? value)
    {
        var parameter = command.CreateParameter();
        (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
        command.Parameters.Add(parameter);
    }

    /// <summary>Quotes a name of the model.</summary>
    protected static string Quoted(string name) => $"\"{name}\"";

    private async Task ChangeAsync(StoreTable table, Func<Task> change, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            var triggers = await SuspendTriggersAsync(table, cancellationToken);
            await change();
            await RestoreTriggersAsync(table, triggers, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is { } fault)
        {
            throw fault;
        }
    }

    private static string KeyOf(StoreTable table) => string.Join(", ", table.Key.Select(column => Quoted(column.Name)));

    private static string Beyond(StoreTable table, object?[]? after)
    {
        if (after is null)
            return "";
        var values = new StringBuilder();
        for (var at = 0; at < after.Length; at++)
            values.Append(CultureInfo.InvariantCulture, $"{(at == 0 ? "" : ", ")}@k{at}");
        return $"WHERE ({KeyOf(table)}) > ({values})";
    }

    private static void Bind(DbCommand command, StoreTable table, object?[]? after)
    {
        foreach (var (column, at) in table.Key.Select((column, at) => (column, at)))
        {
            if (after is not null)
                Set(command, string.Create(CultureInfo.InvariantCulture, $"k{at}"), column.ToStored(after[at]));
        }
    }
}
