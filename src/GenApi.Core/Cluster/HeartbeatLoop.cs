using GenApi.Core.Background;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Cluster;

/// <summary>
/// Renews the lease of this instance and everything that ends with it, in one transaction each. The first heartbeat joins the cluster,
/// before anything else begins, and the last one leaves it. On SQLite there is none.
/// </summary>
internal sealed partial class HeartbeatLoop(
    ICluster cluster, InstanceName name, DatabaseWriter writer, SoleInstance sole, IEnumerable<IHeartbeatPart> parts,
    SteadyClock clock, IOptions<ClusterOptions> options, TimeProvider time, ILogger<HeartbeatLoop> logger)
    : BackgroundLoop(time, logger, options.Value.RenewEvery), IPreparation
{
    /// <summary>The pause between two attempts to join, while an instance that must be the only one may still be alive.</summary>
    private static readonly TimeSpan JoinEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>The clock of the server is followed only by answers that took less.</summary>
    private static readonly TimeSpan PromptAnswer = TimeSpan.FromMilliseconds(250);

    /// <summary>A lease ends after its last moment.</summary>
    private static readonly TimeSpan JustAfter = TimeSpan.FromMilliseconds(20);

    private readonly SharedCluster? _shared = cluster as SharedCluster;
    private readonly IReadOnlyList<IHeartbeatPart> _parts = [.. parts];
    private ITimer? _early;
    private DateTimeOffset? _nextLoss;
    private bool _isJoined;

    /// <summary>
    /// Joins the cluster. Where only one instance may live, it waits for as long as the lease of a dead one could last.
    /// </summary>
    /// <exception cref="SettingException">Another instance lives, and one of the two must be alone.</exception>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_shared is null)
            return;
        // The database's clock goes on, whatever the clock of this process does.
        for (var began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(JoinEvery, TimeProvider.System, cancellationToken))
        {
            if (await TryBeatAsync(cancellationToken) is not { } conflict)
                return;
            if (TimeProvider.System.GetElapsedTime(began) > options.Value.Lease + options.Value.Margin)
                throw conflict;
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        _shared is null ? Task.CompletedTask : base.ExecuteAsync(stoppingToken);

    protected override Task WorkAsync(CancellationToken stopping) => RoundAsync(stopping);

    /// <summary>One heartbeat.</summary>
    internal async Task RoundAsync(CancellationToken stopping)
    {
        // Another instance that must be alone never takes the place of a living one, so there is no conflict after the first heartbeat,
        // except after a lease that has ended. Then this instance waits like one that starts.
        if (await TryBeatAsync(stopping) is { } conflict)
            Log.MustWait(Logger, conflict.Message);
    }

    protected override Task LastRoundAsync(CancellationToken cancellationToken) => LeaveAsync(cancellationToken);

    /// <summary>Says goodbye: what this instance led, others may lead at once.</summary>
    internal async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_shared is null)
            return;
        _shared.End();
        await writer.WriteAsync(async (db, token) =>
        {
            foreach (var part in _parts)
                await part.LeaveAsync(db, token);
            await sole.LeaveAsync(db, token);
            await db.Set<ClusterMember>().Where(member => member.Id == name.Id).ExecuteDeleteAsync(token);
        }, cancellationToken);
    }

    protected override void Report(GenApiException fault) => Log.NotRenewed(Logger, options.Value.LeaseSeconds, fault);

    public override void Dispose()
    {
        _early?.Dispose();
        base.Dispose();
    }

    /// <returns>Null: the lease is renewed.</returns>
    private async Task<SettingException?> TryBeatAsync(CancellationToken cancellationToken)
    {
        var isNew = !_shared!.IsAlive;
        if (isNew && _isJoined)
        {
            _isJoined = false;
            Log.Ended(Logger, name.Id);
        }
        var askedAt = ClockReading.Now(Time);
        var (beat, conflict) = await writer.WriteAsync((db, token) => BeatAsync(db, askedAt, isNew, token), cancellationToken);
        if (beat is null)
            return conflict;
        // Clocks drift apart. A heartbeat that had to wait says nothing about the difference.
        if (askedAt.Elapsed(Time) is var took && took < PromptAnswer)
            clock.Follow(beat.Now + took / 2);
        if (!_shared.Renewed(beat))
        {
            Wake();
            return null;
        }
        _isJoined = true;
        foreach (var part in _parts)
            part.Beaten(beat);
        foreach (var lost in beat.Lost)
            Log.Lost(Logger, lost.Id, lost.Host);
        // An instance that is late gets its full time, and the next heartbeat comes right after that.
        if (_nextLoss - beat.Now is { } left && left < options.Value.RenewEvery)
        {
            _early ??= Time.CreateTimer(
                static loop => ((HeartbeatLoop)loop!).Wake(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _early.Change(left + JustAfter, Timeout.InfiniteTimeSpan);
        }
        return null;
    }

    private async Task<(Heartbeat? Beat, SettingException? Conflict)> BeatAsync(
        GenApiDbContext db, ClockReading askedAt, bool isNew, CancellationToken cancellationToken)
    {
        var (now, until) = (db.Now, db.Now + options.Value.Lease);
        var members = await db.Set<ClusterMember>().ToListAsync(cancellationToken);
        var own = members.Find(member => member.Id == name.Id);
        var others = members.FindAll(member => member.Id != name.Id);
        var lost = others.FindAll(member => member.AliveUntil <= now);
        var live = others.FindAll(member => member.AliveUntil > now);
        _nextLoss = live.Count == 0 ? null : live.Min(member => member.AliveUntil);
        isNew |= own is null || own.AliveUntil <= now;
        if (await sole.TryAsync(db, now, until, live, cancellationToken) is { } conflict)
            return (null, conflict);
        if (own is null)
            db.Add(new ClusterMember { Id = name.Id, Host = name.Host, Version = name.Version, StartedAt = now, AliveUntil = until });
        else
            own.AliveUntil = until;
        db.RemoveRange(lost);
        await db.SaveChangesAsync(cancellationToken);
        var beat = new Heartbeat(name.Id, now, until) { IsNew = isNew, Live = live.Count + 1, Lost = lost, AskedAt = askedAt };
        foreach (var part in _parts)
            await part.BeatAsync(db, beat, cancellationToken);
        return (beat, null);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning,
            "The lease of this instance can't be renewed; it is tried again. Without one the instance sends nothing after {Seconds} "
            + "seconds")]
        public static partial void NotRenewed(ILogger logger, int seconds, Exception fault);

        [LoggerMessage(2, LogLevel.Warning,
            "The lease of {Instance} has ended, because it was frozen or cut off from the database. It drops its runs and begins again")]
        public static partial void Ended(ILogger logger, string instance);

        [LoggerMessage(3, LogLevel.Warning,
            "Instance {Instance} on {Host} has not renewed its lease; the others go on with its generations")]
        public static partial void Lost(ILogger logger, string instance, string host);

        [LoggerMessage(4, LogLevel.Warning, "This instance can't go on: {Reason}")]
        public static partial void MustWait(ILogger logger, string reason);
    }
}
