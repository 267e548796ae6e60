using System.Threading.Channels;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Persistence.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Makes all writes. SQLite has a single writer, and at synchronous=FULL each commit waits for the disk (about 0.2 ms on the machines
/// measured). So works that arrive together share one transaction and one wait. A work that throws is rolled back alone, to its own
/// savepoint. When the returned task succeeds, the work is on the disk.
/// </summary>
public sealed class DatabaseWriter(
    IDbContextFactory<GenApiDbContext> contexts, DatabaseWatch watch, DiskReserve reserve, TimeProvider time) : IAsyncDisposable
{
    /// <summary>A longer transaction hangs: SQLite itself waits no longer for a lock.</summary>
    private static readonly TimeSpan Hung = TimeSpan.FromSeconds(2 * SqlitePragmas.BusySeconds);

    /// <summary>More works in one transaction gain nothing, and the first would wait for the last.</summary>
    private const int MostInOneTransaction = 64;

    private readonly Channel<Work> _works = Channel.CreateUnbounded<Work>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _starting = new();
    private readonly LastWrite _last = new(time);
    private long _busySince;
    private Task? _loop;

    /// <summary>
    /// Runs <paramref name="work"/> inside a transaction. The work calls SaveChanges itself, and sees the current rows while no other work
    /// writes.
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
    /// Runs a deletion like <see cref="WriteAsync{T}"/>. Where the disk is full it releases the reserve and runs the work again. Nothing
    /// but deletions may use it.
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
    /// Checks for readiness whether a transaction could be committed now, by the file and the last transaction. It writes nothing if that
    /// one was committed.
    /// </summary>
    /// <exception cref="GenApiException">StorageFull or StorageUnavailable, with the next step for the operator.</exception>
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
                // A commit to a file that was moved away would be lost.
                watch.Require();
                db ??= await OpenAsync();
                await CommitAsync(db, batch);
            }
            catch (Exception failure)
            {
                var fault = failure as GenApiException ?? DatabaseFaults.ToGenApi(failure);
                if (fault is not null)
                    _last.Failed(fault);
                // The transaction is lost and with it all its works, so all fail alike, and the next batch opens a new connection.
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
        // A transaction without changes writes nothing, so it succeeds on a full disk too.
        if (db.ChangedRows != changed)
            _last.Succeeded();
        foreach (var work in batch)
            work.Succeed();
    }

    private abstract class Work(CancellationToken cancellationToken)
    {
        protected CancellationToken Token { get; } = cancellationToken;

        /// <summary>Nothing waits for it any more; if it has not begun, it does not begin.</summary>
        public bool IsAbandoned => Token.IsCancellationRequested;

        public abstract Task RunAsync(GenApiDbContext db);

        /// <summary>The work itself threw: its changes are rolled back, those of the other works are not.</summary>
        public abstract void Refuse(Exception failure);

        public abstract void Fail(Exception failure);

        public abstract void Succeed();
    }

    private sealed class Work<T>(
        Func<GenApiDbContext, CancellationToken, Task<T>> run, CancellationToken cancellationToken) : Work(cancellationToken)
    {
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _begun;
        private Exception? _refusal;
        private T? _result;

        public Task<T> Completion => _completion.Task;

        // Once begun, it runs to its end: a half-cancelled statement would leave the shared transaction in an unknown state.
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
