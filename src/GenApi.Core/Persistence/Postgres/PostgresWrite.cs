using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace GenApi.Core.Persistence.Postgres;

/// <summary>
/// A transaction of the writer on PostgreSQL. It begins with a lock that one transaction in the whole cluster can have. So no other work
/// writes meanwhile, as on SQLite. The lock ends with the transaction, however that ends.
/// </summary>
internal sealed class PostgresWrite : WriteTransaction
{
    /// <summary>The number of the lock: "GenApi" in ASCII.</summary>
    public const long LockNumber = 0x47_65_6E_41_70_69;

    /// <summary>A statement may take so long. The limits are texts of milliseconds, as PostgreSQL wants them.</summary>
    private const string MostPerStatement = "10000";

    /// <summary>The wait for the transactions of other instances may take so long.</summary>
    private const string MostWait = "5000";

    /// <summary>An instance that is frozen in a transaction holds the lock no longer than this.</summary>
    private const string MostIdle = "3000";

    private static readonly TimeSpan MarksLast = TimeSpan.FromDays(1);

    private readonly IDbContextTransaction _transaction;
    private readonly NpgsqlConnection _connection;
    private readonly PostgresSender _sender;
    private readonly WriteMark _mark;
    private readonly bool _isShared;
    private DateTimeOffset _now;
    private bool _isDone, _isUndone, _hasChanges;

    private PostgresWrite(
        IDbContextTransaction transaction, NpgsqlConnection connection, PostgresSender sender, WriteMark mark, int works) =>
        (_transaction, _connection, _sender, _mark, _isShared) = (transaction, connection, sender, mark, works > 1);

    public override DateTimeOffset? Now => _now;

    public override bool IsDone => _isDone;

    public override bool HasChanges => _hasChanges;

    /// <summary>Begins the transaction, waits for the lock and reads the time, in one round trip.</summary>
    public static async Task<PostgresWrite> BeginAsync(
        IDbContextTransaction transaction, NpgsqlConnection connection, PostgresSender sender, WriteMark mark, bool isRepeat, int works,
        CancellationToken cancellationToken)
    {
        var write = new PostgresWrite(transaction, connection, sender, mark, works);
        try
        {
            await write.BeginAsync(isRepeat, cancellationToken);
            return write;
        }
        catch
        {
            await write.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// The savepoint of the first work came with the begin, that of another one comes with its first statement. One work alone needs none.
    /// </summary>
    public override Task BeginWorkAsync()
    {
        _sender.BeginWork();
        return Task.CompletedTask;
    }

    public override Task EndWorkAsync() => _isShared ? _sender.EndWorkAsync() : _sender.SendAsync(CancellationToken.None);

    public override async Task UndoWorkAsync()
    {
        _sender.RequireSound();
        if (_isShared)
        {
            await _sender.UndoWorkAsync();
            return;
        }
        await _transaction.RollbackAsync();
        _isUndone = true;
    }

    /// <summary>
    /// Stores the mark and commits, in one round trip. The mark is a statement, so it fails if a work hid a failure. COMMIT alone would
    /// report success then and store nothing.
    /// </summary>
    public override async Task CommitAsync()
    {
        if (_isUndone)
            return;
        await using var batch = new NpgsqlBatch(_connection);
        var mark = new NpgsqlBatchCommand(PostgresSchema.SetMark);
        mark.Parameters.Add(new() { Value = _mark.Writer });
        mark.Parameters.Add(new() { Value = _mark.Number });
        mark.Parameters.Add(new() { Value = _now.UtcTicks });
        batch.BatchCommands.Add(mark);
        if (_mark.Number == 1)
        {
            var old = new NpgsqlBatchCommand(PostgresSchema.ForgetMarks);
            old.Parameters.Add(new() { Value = (_now - MarksLast).UtcTicks });
            batch.BatchCommands.Add(old);
        }
        batch.BatchCommands.Add(new("COMMIT"));
        await batch.ExecuteNonQueryAsync();
        _hasChanges = mark.RecordsAffected > 0;
    }

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _transaction.DisposeAsync();
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException)
        {
            // The connection broke: the failure that ended the transaction says so, and must not be replaced by this one.
        }
    }

    private async Task BeginAsync(bool isRepeat, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(_connection);
        var limits = new NpgsqlBatchCommand(
            $"""
            SELECT set_config('statement_timeout', '{MostPerStatement}', true), set_config('lock_timeout', '{MostWait}', true),
                set_config('idle_in_transaction_session_timeout', '{MostIdle}', true),
                set_config('{PostgresChanges.InstanceSetting}', $1, true)
            """);
        limits.Parameters.Add(new() { Value = _mark.Writer });
        batch.BatchCommands.Add(limits);
        batch.BatchCommands.Add(Locked());
        // A statement after the lock sees what the transaction before it has stored. One statement with both would not.
        var facts = new NpgsqlBatchCommand(PostgresSchema.Clock + (isRepeat ? PostgresSchema.MarkToo : ""));
        if (isRepeat)
            facts.Parameters.Add(new() { Value = _mark.Writer });
        batch.BatchCommands.Add(facts);
        if (_isShared)
            batch.BatchCommands.Add(PostgresSender.First());
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        _now = PostgresSchema.ToTime(reader.GetInt64(0));
        _isDone = _hasChanges = isRepeat && !await reader.IsDBNullAsync(1, cancellationToken) && reader.GetInt64(1) >= _mark.Number;
        // The rest must be read too: a failure of it would go unnoticed.
        while (await reader.NextResultAsync(cancellationToken))
        {
        }
    }

    private static NpgsqlBatchCommand Locked()
    {
        var command = new NpgsqlBatchCommand("SELECT pg_advisory_xact_lock($1)");
        command.Parameters.Add(new() { Value = LockNumber });
        return command;
    }
}
