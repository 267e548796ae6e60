using Microsoft.EntityFrameworkCore.Storage;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>A transaction of the writer on SQLite, which takes the lock of the file at its begin.</summary>
/// <param name="transaction">The transaction.</param>
/// <param name="works">The number of works; a single one needs no savepoint.</param>
/// <param name="changedRows">Returns how many rows the connection has changed so far.</param>
internal sealed class SqliteWrite(IDbContextTransaction transaction, int works, Func<int> changedRows) : WriteTransaction
{
    private const string Savepoint = "work";

    private readonly int _changed = changedRows();
    private bool _isUndone;

    public override bool HasChanges => changedRows() != _changed;

    public override Task BeginWorkAsync() => works > 1 ? transaction.CreateSavepointAsync(Savepoint) : Task.CompletedTask;

    public override Task EndWorkAsync() => works > 1 ? transaction.ReleaseSavepointAsync(Savepoint) : Task.CompletedTask;

    public override async Task UndoWorkAsync()
    {
        if (works > 1)
        {
            await transaction.RollbackToSavepointAsync(Savepoint);
            await transaction.ReleaseSavepointAsync(Savepoint);
            return;
        }
        await transaction.RollbackAsync();
        _isUndone = true;
    }

    public override Task CommitAsync() => _isUndone ? Task.CompletedTask : transaction.CommitAsync();

    public override ValueTask DisposeAsync() => transaction.DisposeAsync();
}
