using System.Data.Common;
using System.Globalization;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Rows;

/// <summary>
/// Runs the statements of a new picture without EF. EF compiles some thousand methods for them in each process, and takes a third of the
/// processor time of each picture.
/// </summary>
internal static class RowStatements
{
    /// <summary>Runs a statement.</summary>
    /// <param name="db">The context, whose connection and transaction are used.</param>
    /// <param name="statement">A constant; its values are @p0, @p1, ….</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="values">The values.</param>
    /// <returns>The number of rows that it changed.</returns>
    public static Task<int> ExecuteAsync(
        this GenApiDbContext db, string statement, CancellationToken cancellationToken, params RowValue[] values) =>
        SenderOf(db) is { } sender
            ? sender.ExecuteAsync(new(statement, values), cancellationToken)
            : RunAsync(db, statement, values, static (command, token) => command.ExecuteNonQueryAsync(token), cancellationToken);

    /// <summary>
    /// Runs a statement of the writer whose result the work does not wait for. A server gets it together with the next one, at the latest
    /// at the end of the work. So a failure shows there.
    /// </summary>
    /// <param name="db">The context, whose connection and transaction are used.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="then">Called with the number of rows that it changed, in the same work; null: nothing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task ExecuteLaterAsync(
        this GenApiDbContext db, RowStatement statement, Func<int, Task>? then, CancellationToken cancellationToken)
    {
        if (SenderOf(db) is { } sender)
        {
            sender.Add(statement, then);
            return;
        }
        var rows = await db.ExecuteAsync(statement.Text, cancellationToken, statement.Values);
        if (then is not null)
            await then(rows);
    }

    /// <summary>Runs a query.</summary>
    /// <param name="db">The context, whose connection and transaction are used.</param>
    /// <param name="query">A constant; its values are @p0, @p1, ….</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="values">The values.</param>
    public static async Task<List<T>> QueryAsync<T>(
        this GenApiDbContext db, string query, Func<RowReader, T> read, CancellationToken cancellationToken, params RowValue[] values)
    {
        if (SenderOf(db) is { } sender)
            return (await sender.QueryAsync([new(query, values)], read, cancellationToken))[0];
        return await RunAsync(
            db, query, values, async (command, token) =>
            {
                var rows = new List<T>();
                await using var reader = await command.ExecuteReaderAsync(token);
                var row = new RowReader(reader, db.IsServer);
                while (await row.NextAsync(token))
                    rows.Add(read(row));
                return rows;
            }, cancellationToken);
    }

    /// <summary>Runs several queries, in one round trip if the writer asks a server.</summary>
    /// <param name="db">The context, whose connection and transaction are used.</param>
    /// <param name="queries">The queries.</param>
    /// <param name="read">Reads a row.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The rows of each query.</returns>
    public static async Task<IReadOnlyList<List<T>>> QueryAllAsync<T>(
        this GenApiDbContext db, IReadOnlyList<RowStatement> queries, Func<RowReader, T> read, CancellationToken cancellationToken)
    {
        if (SenderOf(db) is { } sender)
            return await sender.QueryAsync(queries, read, cancellationToken);
        var results = new List<List<T>>(queries.Count);
        foreach (var query in queries)
            results.Add(await db.QueryAsync(query.Text, read, cancellationToken, query.Values));
        return results;
    }

    /// <summary>Runs a query while the caller blocks. It is for gauges, which can't wait otherwise.</summary>
    /// <inheritdoc cref="QueryAsync"/>
    public static List<T> Query<T>(this GenApiDbContext db, string query, Func<RowReader, T> read, params RowValue[] values)
    {
        db.Database.OpenConnection();
        try
        {
            using var command = Command(db, query, values);
            using var reader = command.ExecuteReader();
            var rows = new List<T>();
            var row = new RowReader(reader, db.IsServer);
            while (row.Next())
                rows.Add(read(row));
            return rows;
        }
        finally
        {
            db.Database.CloseConnection();
        }
    }

    /// <summary>Returns whether a query has a row.</summary>
    public static async Task<bool> AnyAsync(
        this GenApiDbContext db, string query, CancellationToken cancellationToken, params RowValue[] values) =>
        (await db.QueryAsync(query, static _ => true, cancellationToken, values)).Count > 0;

    /// <summary>Adds the values of a statement to a command, or to one of a batch.</summary>
    /// <param name="db">The context, which knows how its engine stores them.</param>
    /// <param name="parameters">Those of the command.</param>
    /// <param name="make">Makes one for the command.</param>
    /// <param name="values">The values.</param>
    public static void AddValues(GenApiDbContext db, DbParameterCollection parameters, Func<DbParameter> make, RowValue[] values)
    {
        for (var at = 0; at < values.Length; at++)
        {
            var parameter = make();
            parameter.ParameterName = NameOf(at);
            if (values[at].Type is { } type)
                parameter.DbType = type;
            parameter.Value = db.ToStored(values[at].Value);
            parameters.Add(parameter);
        }
    }

    /// <summary>Returns the name of a value by its place.</summary>
    public static string NameOf(int at) => at < Names.Length ? Names[at] : string.Create(CultureInfo.InvariantCulture, $"@p{at}");

    private static readonly string[] Names =
        [.. Enumerable.Range(0, 80).Select(at => string.Create(CultureInfo.InvariantCulture, $"@p{at}"))];

    private static IStatementSender? SenderOf(GenApiDbContext db) => (db as ISendingContext)?.Sender;

    private static async Task<T> RunAsync<T>(
        GenApiDbContext db, string statement, RowValue[] values, Func<DbCommand, CancellationToken, Task<T>> run,
        CancellationToken cancellationToken)
    {
        // The writer's connection is open; others are opened for each use.
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = Command(db, statement, values);
            return await run(command, cancellationToken);
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static DbCommand Command(GenApiDbContext db, string statement, RowValue[] values)
    {
        var command = db.Database.GetDbConnection().CreateCommand();
        // Made of constants; values come as parameters.
        command.CommandText = statement;
        if (db.Database.GetCommandTimeout() is { } seconds)
            command.CommandTimeout = seconds;
        AddValues(db, command.Parameters, command.CreateParameter, values);
        return command;
    }
}
