using GenApi.Core.Background;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Cluster.Changes;

/// <summary>
/// Reads what other instances have changed, in the order of their commits, and hands it to every <see cref="IChangeListener"/>. It polls
/// twice a second, and reads at once when <see cref="ChangeListening"/> wakes it. The leader removes changes that all have read long ago.
/// On SQLite there are none.
/// </summary>
internal sealed partial class ChangeTail(
    ICluster cluster, ILeadership leadership, IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer,
    IEnumerable<IChangeListener> listeners, GenApiMetrics metrics, SteadyClock clock, TimeProvider time, ILogger<ChangeTail> logger)
    : BackgroundLoop(time, logger, PollEvery), IPreparation
{
    internal static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>The age at which changes are removed.</summary>
    internal static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(10);

    /// <summary>An instance that has not read for so long may have missed changes that were removed.</summary>
    internal static readonly TimeSpan LongestGap = KeptFor / 2;

    private const int MostAtOnce = 500;

    private static readonly TimeSpan PruneEvery = TimeSpan.FromMinutes(1);

    private static readonly Func<GenApiDbContext, long, int, IAsyncEnumerable<StoreChange>> After = EF.CompileAsyncQuery(
        (GenApiDbContext db, long seq, int atMost) => db.Set<StoreChange>().AsNoTracking()
            .Where(change => change.Seq > seq).OrderBy(change => change.Seq).Take(atMost));

    private readonly IReadOnlyList<IChangeListener> _listeners = [.. listeners];
    private ClockReading _readAt;
    private DateTimeOffset _pruneAt;
    private long _position;
    private long _delay;

    /// <summary>The position of the last change that was read.</summary>
    public long Position => Volatile.Read(ref _position);

    /// <summary>The time that the last changes of other instances took to arrive; zero: none has.</summary>
    public TimeSpan LastDelay => new(Volatile.Read(ref _delay));

    /// <summary>Begins with what is changed from now on: nothing is in memory yet.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (!cluster.IsShared)
            return;
        metrics.Meter.CreateObservableGauge(
            "genapi.cluster.change.delay", () => LastDelay.TotalSeconds, "s",
            "How long the last change of another instance took to arrive here.");
        _readAt = ClockReading.Now(Time);
        _pruneAt = clock.Now + PruneEvery;
        Volatile.Write(ref _position, await LastAsync(cancellationToken));
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        cluster.IsShared ? base.ExecuteAsync(stoppingToken) : Task.CompletedTask;

    protected override Task WorkAsync(CancellationToken stopping) => RoundAsync(stopping);

    /// <summary>Hands over everything that is new.</summary>
    internal async Task RoundAsync(CancellationToken cancellationToken)
    {
        var asked = ClockReading.Now(Time);
        if (_readAt.Elapsed(Time) > LongestGap)
        {
            var last = await LastAsync(cancellationToken);
            Log.Gap(Logger, _readAt.Elapsed(Time).TotalSeconds);
            Tell(static (listener, _) => listener.Lost(), []);
            Volatile.Write(ref _position, last);
        }
        while (await StepAsync(cancellationToken) == MostAtOnce)
        {
        }
        _readAt = asked;
        if (leadership.IsLeader && clock.Now >= _pruneAt)
        {
            await PruneAsync(cancellationToken);
            _pruneAt = clock.Now + PruneEvery;
        }
    }

    protected override void Report(GenApiException fault) => Log.CannotRead(Logger, fault);

    /// <returns>How many changes there were.</returns>
    private async Task<int> StepAsync(CancellationToken cancellationToken)
    {
        var position = Position;
        var changes = await contexts.ReadAsync(async db =>
        {
            var rows = new List<StoreChange>();
            await foreach (var change in After(db, position, MostAtOnce).WithCancellation(cancellationToken))
                rows.Add(change);
            return rows;
        }, cancellationToken);
        if (changes.Count == 0)
            return 0;
        var foreign = changes.FindAll(change => change.Source != cluster.InstanceId);
        if (foreign.Count > 0)
        {
            var delay = clock.Now - foreign[^1].At;
            Volatile.Write(ref _delay, Math.Max(0, delay.Ticks));
            Tell(static (listener, changes) => listener.Changed(changes), foreign);
        }
        Volatile.Write(ref _position, changes[^1].Seq);
        return changes.Count;
    }

    private void Tell(Action<IChangeListener, IReadOnlyList<StoreChange>> tell, IReadOnlyList<StoreChange> changes)
    {
        foreach (var listener in _listeners)
        {
            try
            {
                tell(listener, changes);
            }
            catch (Exception defect)
            {
                // The other listeners, and the changes after these, matter more than the one that is broken.
                Log.Broken(Logger, listener.GetType().Name, defect);
            }
        }
    }

    private Task<long> LastAsync(CancellationToken cancellationToken) => contexts.ReadAsync(
        async db => await db.Set<StoreChange>().MaxAsync(change => (long?)change.Seq, cancellationToken) ?? 0, cancellationToken);

    private Task PruneAsync(CancellationToken cancellationToken) => writer.WriteAsync(async (db, token) =>
    {
        if (!await leadership.ConfirmAsync(db, token))
            return;
        var oldest = db.Now - KeptFor;
        // The last one stays: it proves to those who come back after a quiet time that they have missed nothing.
        var last = await db.Set<StoreChange>().MaxAsync(change => (long?)change.Seq, token);
        await db.Set<StoreChange>().Where(change => change.At < oldest && change.Seq < last).ExecuteDeleteAsync(token);
    }, cancellationToken);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The changes of other instances can't be read; memory may be outdated until they can")]
        public static partial void CannotRead(ILogger logger, Exception fault);

        [LoggerMessage(2, LogLevel.Warning,
            "The changes of other instances were not read for {Seconds:0} seconds; everything that is held in memory is forgotten")]
        public static partial void Gap(ILogger logger, double seconds);

        [LoggerMessage(3, LogLevel.Error, "{Listener} failed at changes of other instances")]
        public static partial void Broken(ILogger logger, string listener, Exception defect);
    }
}
