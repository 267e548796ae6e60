using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>
/// Sends the statements of the writer's works. Between two works there is a savepoint. It goes with the first statement of the second work,
/// so it costs no round trip. Two names take turns: were the savepoint of a work never made, its undoing would fail and not undo the work
/// before it.
/// </summary>
/// <param name="db">Whose connection and transaction are used.</param>
/// <param name="connection">The connection.</param>
internal sealed class PostgresSender(GenApiDbContext db, NpgsqlConnection connection) : IStatementSender
{
    private static readonly string[] Savepoints = ["SAVEPOINT work", "SAVEPOINT next_work"];
    private static readonly string[] Releases = ["RELEASE SAVEPOINT work", "RELEASE SAVEPOINT next_work"];
    private static readonly string[] Undos = ["ROLLBACK TO SAVEPOINT work", "ROLLBACK TO SAVEPOINT next_work"];

    private readonly List<(RowStatement Statement, Func<int, Task>? Then)> _waiting = [];

    /// <summary>The place of the name that the savepoint of the work has.</summary>
    private int _name;

    /// <summary>True if the work before is done, and the server does not know that yet.</summary>
    private bool _isBetween;

    /// <summary>True if the last statement of the work went this way and succeeded, so that none of the work has failed unseen.</summary>
    private bool _isProven;

    /// <summary>True if the work has sent a statement.</summary>
    private bool _hasSent;

    /// <summary>True if the server has answered, so that a failure is one of reading its rows.</summary>
    private bool _isAnswered;

    /// <summary>The failure that came before anything was sent; null: none.</summary>
    private Exception? _refusedHere;

    /// <summary>The statement that begins the first work; the others begin with <see cref="EndWorkAsync"/>.</summary>
    public static NpgsqlBatchCommand First() => new(Savepoints[0]);

    public void Add(RowStatement statement, Func<int, Task>? then) => _waiting.Add((statement, then));

    public Task<int> ExecuteAsync(RowStatement statement, CancellationToken cancellationToken) => SendAsync(
        [statement], async batch =>
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return batch.BatchCommands[^1].RecordsAffected;
        });

    public Task<List<T>[]> QueryAsync<T>(
        IReadOnlyList<RowStatement> queries, Func<RowReader, T> read, CancellationToken cancellationToken) => SendAsync(
        queries, async batch =>
        {
            var results = new List<T>[queries.Count];
            // Statements that return no rows are passed over by the reader.
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            _isAnswered = true;
            for (var at = 0; at < results.Length; at++)
            {
                if (at > 0)
                    await reader.NextResultAsync(cancellationToken);
                var (rows, row) = (new List<T>(), new RowReader(reader, isServer: true));
                while (await row.NextAsync(cancellationToken))
                    rows.Add(read(row));
                results[at] = rows;
            }
            return results;
        });

    /// <summary>Sends what was added, and what follows from it.</summary>
    public async Task SendAsync(CancellationToken cancellationToken)
    {
        while (_waiting.Count > 0)
            await SendAsync([], batch => batch.ExecuteNonQueryAsync(cancellationToken));
    }

    /// <summary>Makes way for a statement that EF sends itself.</summary>
    public async Task StandAsideAsync(CancellationToken cancellationToken)
    {
        await SendAsync(cancellationToken);
        if (_isBetween)
            await SendAsync([], batch => batch.ExecuteNonQueryAsync(cancellationToken));
        (_isProven, _hasSent) = (false, true);
    }

    /// <summary>Begins a work; what it changes can be undone alone.</summary>
    public void BeginWork() => (_isProven, _hasSent) = (false, false);

    /// <summary>
    /// Ends a work: all of it is at the server. It throws if the work hides a failed statement, after which the engine would store nothing.
    /// </summary>
    public async Task EndWorkAsync()
    {
        await SendAsync(CancellationToken.None);
        if (!_hasSent)
            return;
        _isBetween = true;
        // The server refuses this after a failure. Only a statement that went this way would have shown it already.
        if (!_isProven)
            await SendAsync([], batch => batch.ExecuteNonQueryAsync());
    }

    /// <summary>Checks that the connection can still be used.</summary>
    /// <exception cref="InvalidOperationException">
    /// It must be closed. Npgsql refused a value before it sent anything, and counts other statements of the batch as prepared since then
    /// (seen with 10.0.3; findings/npgsql-refused-batch.sh).
    /// </exception>
    public void RequireSound()
    {
        if (_refusedHere is { } refusal)
            throw new InvalidOperationException("A statement has a value that can't be sent.", refusal);
    }

    /// <summary>Takes back the changes of a work and leaves those of the works before it.</summary>
    public async Task UndoWorkAsync()
    {
        _waiting.Clear();
        // What comes between the works was not sent, so nothing of this work was.
        if (_isBetween)
            return;
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(Undos[_name]) } };
        await batch.ExecuteNonQueryAsync();
    }

    private async Task<TResult> SendAsync<TResult>(
        IReadOnlyList<RowStatement> more, Func<NpgsqlBatch, Task<TResult>> run)
    {
        await using var batch = new NpgsqlBatch(connection);
        if (db.Database.GetCommandTimeout() is { } seconds)
            batch.Timeout = seconds;
        var wasBetween = _isBetween;
        if (wasBetween)
        {
            batch.BatchCommands.Add(new(Releases[_name]));
            batch.BatchCommands.Add(new(Savepoints[1 - _name]));
        }
        var (first, waiting) = (batch.BatchCommands.Count, _waiting.ToArray());
        foreach (var (statement, _) in waiting)
            batch.BatchCommands.Add(Command(statement));
        foreach (var statement in more)
            batch.BatchCommands.Add(Command(statement));
        _waiting.Clear();
        (_isProven, _hasSent, _isBetween, _isAnswered) = (false, true, false, false);
        if (wasBetween)
            _name = 1 - _name;
        TResult result;
        try
        {
            result = await run(batch);
        }
        catch (PostgresException) when (wasBetween && waiting.Length + more.Count == 0)
        {
            // The server refused to release the savepoint of the work before, so that one is still there.
            _name = 1 - _name;
            throw;
        }
        catch (Exception failure) when (failure is not NpgsqlException && !_isAnswered)
        {
            _refusedHere = failure;
            throw;
        }
        _isProven = true;
        for (var at = 0; at < waiting.Length; at++)
        {
            if (waiting[at].Then is { } then)
                await then(batch.BatchCommands[first + at].RecordsAffected);
        }
        return result;
    }

    private NpgsqlBatchCommand Command(RowStatement statement)
    {
        // Made of constants; values come as parameters.
        var command = new NpgsqlBatchCommand(statement.Text);
        RowStatements.AddValues(db, command.Parameters, command.CreateParameter, statement.Values);
        return command;
    }
}
