using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Storage;
using SQLitePCL;

namespace GenApi.Core.Persistence.Sqlite;

/// <summary>A transaction of the writer on SQLite, which takes the lock of the file at its begin.</summary>
/// <param name="transaction">The transaction.</param>
/// <param name="works">The number of works; a single one needs no savepoint.</param>
/// <param name="handle">The connection at SQLite.</param>
internal sealed class SqliteWrite(IDbContextTransaction transaction, int works, sqlite3 handle) : WriteTransaction
{
    private readonly int _changed = raw.sqlite3_total_changes(handle);
    private bool _isUndone;

    /// <summary>Counts the rows that the connection has changed so far.</summary>
    public override bool HasChanges => raw.sqlite3_total_changes(handle) != _changed;

    public override Task BeginWorkAsync() => works > 1 ? Run("SAVEPOINT work") : Task.CompletedTask;

    public override Task EndWorkAsync() => works > 1 ? Run("RELEASE work") : Task.CompletedTask;

    public override async Task UndoWorkAsync()
    {
        if (works > 1)
        {
            await Run("ROLLBACK TO work");
            await Run("RELEASE work");
            return;
        }
        await transaction.RollbackAsync();
        _isUndone = true;
    }

    public override Task CommitAsync() => _isUndone ? Task.CompletedTask : transaction.CommitAsync();

    public override ValueTask DisposeAsync() => transaction.DisposeAsync();

    /// <summary>Past EF: each work has two of these, and EF would make a command, a scope and its messages for each.</summary>
    private Task Run(string statement)
    {
        SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(handle, statement), handle);
        return Task.CompletedTask;
    }
}
