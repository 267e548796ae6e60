using System.Threading.Channels;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// The one place that writes. SQLite has a single writer, and at synchronous=FULL each commit waits for the disk (about 0.2 ms on the
/// machines measured); so works that arrive together share one transaction and one wait. A work that throws is rolled back
/// alone, to its own savepoint. When the returned task ends well, the work is on the disk.
/// </summary>
public sealed class DatabaseWriter(IDbContextFactory<GenApiDbContext> contexts, DatabaseWatch watch, DiskReserve reserve,
    TimeProvider time) : IAsyncDisposable
{
    /// <summary>A transaction that takes longer hangs: SQLite itself waits no longer for a lock.</summary>
    private static readonly TimeSpan Hung = TimeSpan.FromSeconds(2 * SqlitePragmas.BusySeconds);

    /// <summary>More works in one transaction gain nothing and make the first of them wait for the last.</summary>
    private const int MostInOneTransaction = 64;

    private readonly Channel<Work> _works = Channel.CreateUnbounded<Work>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _starting = new();
    private readonly LastWrite _last = new(time);
    private long _busySince;
    private Task? _loop;

    /// <summary>
    /// Runs <paramref name="work"/> inside a transaction; it calls SaveChanges itself and sees rows as they are now, with nobody else writing.
    /// </summary>
    /// <exception cref="GenApiException">StorageFull or StorageUnavailable: nothing was written.</exception>
    public async Task<T> WriteAsync<T>(Func<GenApiDbContext, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        EnsureRunning();
        var item = new Work<T>(work, cancellationToken);
        if (!_works.Writer.TryWrite(item))
            throw new GenApiException(ErrorKind.StorageUnavailable, "The service is stopping.") { IsTransient = true };
        return await item.Completion;
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<GenApiDbContext, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        WriteAsync(async (db, token) =>
        {
            await work(db, token);
            return true;
        }, cancellationToken);

    /// <summary>
    /// As <see cref="WriteAsync{T}"/>, for what makes room: where the disk is full the reserve is given up for it, and it runs once more.
    /// Nothing but deletions may use it.
    /// </summary>
    /// <inheritdoc cref="WriteAsync{T}"/>
    public async Task<T> FreeAsync<T>(Func<GenApiDbContext, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            return await WriteAsync(work, cancellationToken);
        }
        catch (GenApiException full) when (DatabaseFaults.IsLackOfRoom(full) && reserve.Release())
        {
            return await WriteAsync(work, cancellationToken);
        }
    }

    /// <summary>
    /// For readiness: whether a transaction could be committed now, as the file and the last one say. It writes nothing while the last one
    /// was committed.
    /// </summary>
    /// <exception cref="GenApiException">StorageFull or StorageUnavailable, with what to do.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        watch.Require();
        if (Volatile.Read(ref _busySince) is not 0 and var since && time.GetElapsedTime(since) > Hung)
        {
            var hung = $"The database has been busy with one transaction for more than {Hung.TotalSeconds:0} seconds.";
            throw new GenApiException(ErrorKind.StorageUnavailable, hung) { IsTransient = true };
        }
        await _last.CheckAsync(async () =>
        {
            await WriteAsync((db, token) => db.RewriteAsync(token), cancellationToken);
            _last.Succeeded();
        });
    }

    public async ValueTask DisposeAsync()
    {
        _works.Writer.TryComplete();
        if (_loop is { } loop)
            await loop;
    }

    private void EnsureRunning()
    {
        if (_loop is not null)
            return;
        lock (_starting)
            _loop ??= Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        GenApiDbContext? db = null;
        var batch = new List<Work>(MostInOneTransaction);
        while (await _works.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MostInOneTransaction && _works.Reader.TryRead(out var work))
                batch.Add(work);
            Volatile.Write(ref _busySince, time.GetTimestamp());
            try
            {
                // A commit to a file that is not at its place any more would be lost.
                watch.Require();
                db ??= await OpenAsync();
                await CommitAsync(db, batch);
            }
            catch (Exception failure)
            {
                var fault = failure as GenApiException ?? DatabaseFaults.ToGenApi(failure);
                if (fault is not null)
                    _last.Failed(fault);
                // The transaction is gone and none of its works is in the database, so all are told the same, and the connection is made anew.
                foreach (var work in batch)
                    work.Fail(fault ?? failure);
                if (db is not null)
                    await db.DisposeAsync();
                db = null;
            }
            finally
            {
                Volatile.Write(ref _busySince, 0);
            }
        }
        if (db is not null)
            await db.DisposeAsync();
    }

    private async Task<GenApiDbContext> OpenAsync()
    {
        var db = await contexts.CreateDbContextAsync();
        db.Database.AutoSavepointsEnabled = false;
        await db.Database.OpenConnectionAsync();
        return db;
    }

    private async Task CommitAsync(GenApiDbContext db, List<Work> batch)
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        var changed = db.ChangedRows;
        foreach (var work in batch)
        {
            if (work.IsAbandoned)
                continue;
            await transaction.CreateSavepointAsync("work");
            try
            {
                await work.RunAsync(db);
            }
            catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is null)
            {
                await transaction.RollbackToSavepointAsync("work");
                work.Refuse(failure);
            }
            finally
            {
                db.ChangeTracker.Clear();
            }
            await transaction.ReleaseSavepointAsync("work");
        }
        await transaction.CommitAsync();
        // One that has changed nothing wrote nothing: it ends well on a full disk too.
        if (db.ChangedRows != changed)
            _last.Succeeded();
        foreach (var work in batch)
            work.Succeed();
    }

    private abstract class Work(CancellationToken cancellationToken)
    {
        protected CancellationToken Token { get; } = cancellationToken;

        /// <summary>Nobody waits for it any more, and it has not begun: it is not begun.</summary>
        public bool IsAbandoned => Token.IsCancellationRequested;

        public abstract Task RunAsync(GenApiDbContext db);

        /// <summary>The work itself threw: its changes are undone, those of its neighbours are not.</summary>
        public abstract void Refuse(Exception failure);

        public abstract void Fail(Exception failure);

        public abstract void Succeed();
    }

    private sealed class Work<T>(Func<GenApiDbContext, CancellationToken, Task<T>> run, CancellationToken cancellationToken) : Work(cancellationToken)
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _begun;
        private Exception? _refusal;
        private T? _result;

        public Task<T> Completion => _completion.Task;

        // Once begun it is seen through: a half-cancelled statement would leave the neighbours' transaction in doubt.
        public override async Task RunAsync(GenApiDbContext db)
        {
            _begun = true;
            _result = await run(db, CancellationToken.None);
        }

        public override void Refuse(Exception failure) => _refusal = failure;

        public override void Fail(Exception failure) => _completion.TrySetException(_refusal ?? failure);

        public override void Succeed()
        {
            if (_refusal is not null)
                _completion.TrySetException(_refusal);
            else if (!_begun)
                _completion.TrySetCanceled(Token);
            else
                _completion.TrySetResult(_result!);
        }
    }
}
