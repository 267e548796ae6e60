using System.Diagnostics;
using System.Threading.Channels;
using GenApi.Core.Errors;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Persistence.Database;

/// <summary>
/// Makes all writes. There is a single writer: on SQLite by the lock of the file, on PostgreSQL by a lock that all instances share. Each
/// commit waits for the disk, so works that arrive together share one transaction and one wait. A work that throws is rolled back alone,
/// to its own savepoint. When the returned task succeeds, the work is on the disk.
/// <para>
/// Where the connection to a server breaks, the whole transaction is run again on a new one. So a work changes nothing but its context: it
/// may run several times before it is committed once.
/// </para>
/// </summary>
public sealed class DatabaseWriter(
    IDbContextFactory<GenApiDbContext> contexts, IDatabaseHealth health, InstanceName instance, SteadyClock clock, TimeProvider time)
    : IAsyncDisposable
{
    /// <summary>A longer transaction hangs: no engine waits longer for a lock.</summary>
    private static readonly TimeSpan Hung = TimeSpan.FromSeconds(10);

    /// <summary>A server that restarts is away for a few seconds; so long works wait for it.</summary>
    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>More works in one transaction gain nothing, and the first would wait for the last.</summary>
    private const int MostInOneTransaction = 64;

    private readonly Channel<WriterWork> _works = Channel.CreateUnbounded<WriterWork>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _starting = new();
    private readonly LastWrite _last = new(time);
    private GenApiDbContext? _db;
    private long _busySince;
    private long? _awaySince;
    private long _number;
    private Task? _loop;

    /// <summary>Called after each commit that has changed rows, from the writer's loop; it must return at once and never throw.</summary>
    internal Action? Committed { get; set; }

    /// <summary>
    /// Runs <paramref name="work"/> inside a transaction. The work calls SaveChanges itself, and sees the current rows while no other work
    /// writes.
    /// </summary>
    /// <exception cref="GenApiException">StorageFull or StorageUnavailable: nothing was written.</exception>
    public async Task<T> WriteAsync<T>(Func<GenApiDbContext, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        EnsureRunning();
        var item = new WriterWork<T>(work, cancellationToken);
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
        catch (GenApiException full) when (DatabaseFaults.IsLackOfRoom(full) && health.ReleaseRoom())
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
        health.Require();
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
        var batch = new List<WriterWork>(MostInOneTransaction);
        while (await _works.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MostInOneTransaction && _works.Reader.TryRead(out var work))
                batch.Add(work);
            Volatile.Write(ref _busySince, time.GetTimestamp());
            try
            {
                await RunAsync(batch);
            }
            catch (Exception failure)
            {
                var fault = failure as GenApiException ?? DatabaseFaults.ToGenApi(failure);
                if (fault is not null)
                    Report(fault);
                // While a server is away, all that waits fails at once: each transaction would have to wait for it in turn.
                while (_awaySince is not null && _works.Reader.TryRead(out var work))
                    batch.Add(work);
                // The transaction is lost and with it all its works, so all fail alike, and the next batch opens a new connection.
                foreach (var work in batch)
                    work.Fail(fault ?? failure);
                await CloseAsync();
            }
            finally
            {
                Volatile.Write(ref _busySince, 0);
            }
        }
        await CloseAsync();
    }

    /// <summary>Runs the works in one transaction, and again where a server gave up on it.</summary>
    private async Task RunAsync(List<WriterWork> batch)
    {
        var mark = new WriteMark(instance.Id, ++_number);
        var (began, pause) = (Stopwatch.GetTimestamp(), FirstPause);
        for (var isRepeat = false; ; isRepeat = true)
        {
            try
            {
                health.RequireOurs();
                _db ??= await OpenAsync();
                await CommitAsync(_db, batch, mark, isRepeat);
                return;
            }
            catch (Exception failure) when (DatabaseFaults.IsRepeatable(failure))
            {
                await CloseAsync();
                if (DatabaseFaults.IsServerAway(failure))
                    _awaySince ??= Stopwatch.GetTimestamp();
                // While it is away for longer than that, each transaction has one try.
                if (Stopwatch.GetElapsedTime(_awaySince ?? began) + pause > MostPatience)
                    throw;
            }
            // The server runs by real time, whatever clock the service has.
            await Task.Delay(pause, TimeProvider.System);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    private async Task<GenApiDbContext> OpenAsync()
    {
        await using var any = await contexts.CreateDbContextAsync();
        var db = await any.ForWriterAsync(CancellationToken.None);
        try
        {
            db.Database.AutoSavepointsEnabled = false;
            await db.Database.OpenConnectionAsync();
            return db;
        }
        catch
        {
            await db.DisposeAsync();
            throw;
        }
    }

    private async Task CloseAsync()
    {
        if (_db is { } db)
        {
            _db = null;
            await db.DisposeAsync();
        }
    }

    private void Report(GenApiException fault)
    {
        _last.Failed(fault);
        health.Failed(fault);
    }

    private async Task CommitAsync(GenApiDbContext db, List<WriterWork> batch, WriteMark mark, bool isRepeat)
    {
        await using var write = await db.BeginWriteAsync(mark, isRepeat, batch.Count, CancellationToken.None);
        _awaySince = null;
        if (!write.IsDone)
        {
            db.SetNow(clock.Of(write.Now));
            try
            {
                foreach (var work in batch)
                    await RunAsync(db, write, work);
            }
            finally
            {
                db.SetNow(null);
            }
            await write.CommitAsync();
        }
        // A transaction without changes writes nothing, so it succeeds on a full disk too.
        if (write.HasChanges)
        {
            _last.Succeeded();
            Committed?.Invoke();
        }
        health.Succeeded();
        foreach (var work in batch)
            work.Succeed();
    }

    private static async Task RunAsync(GenApiDbContext db, WriteTransaction write, WriterWork work)
    {
        if (!work.Begin())
            return;
        await write.BeginWorkAsync();
        try
        {
            await work.RunAsync(db);
            await write.EndWorkAsync();
        }
        catch (Exception failure) when (DatabaseFaults.ToGenApi(failure) is null)
        {
            await write.UndoWorkAsync();
            work.Refuse(failure);
        }
        finally
        {
            db.ChangeTracker.Clear();
        }
    }
}
