using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Queueing;

/// <summary>The open rows: who may work on which, and how many there are.</summary>
internal sealed class GenerationQueue(
    DatabaseWriter writer, RunFiles files, ReplicateUpstream upstream, IOptions<GenerationOptions> options, GenerationNotifications news,
    GenerationGauges figures, RunLog log, GenerationTimelines timelines)
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    /// <summary>Of what is under way in one transaction: after a kill there may be a thousand of them, and a caller's write comes in after each hundred.</summary>
    private const int MostUnderWayAtOnce = 100;

    private static readonly TimeSpan RenewEvery = Lease.Term / 3;

    /// <summary>A net below what is remembered of the rows.</summary>
    private static readonly TimeSpan LookAnyway = TimeSpan.FromSeconds(30);

    public TimeProvider Time => news.Time;

    public GenerationNotifications News => news;

    public GenerationTimelines Timelines => timelines;

    public RunLog Log => log;

    /// <summary>Of leases and pauses.</summary>
    public SteadyClock Clock => news.Clock;

    /// <summary>There may be more of what an earlier process had in hand.</summary>
    public bool MayBeUnderWay { get; private set; } = true;

    private DateTimeOffset _renewAt = DateTimeOffset.MinValue;
    private FairScheduler? _turns;

    /// <summary>While it is false a round, of which there is one each second and one at each end, asks the database nothing.</summary>
    private bool _mayWait = true;

    private DateTimeOffset _lookAnywayAt = DateTimeOffset.MinValue;
    private int _open;

    /// <exception cref="GenApiException">Overloaded: <c>Generations:MaxQueued</c> are open.</exception>
    public void ThrowIfFull()
    {
        if (Volatile.Read(ref _open) >= options.Value.MaxQueued)
            throw new GenApiException(ErrorKind.Overloaded, "Too many generations are waiting.") { RetryAfter = AskAgain, IsTransient = true };
    }

    /// <summary>One more is open; counted here, so that accepting one need not count rows. To be called in the writer's transaction.</summary>
    public void Accepted(Generation generation)
    {
        timelines.Begin(generation);
        Interlocked.Increment(ref _open);
        MayWait();
    }

    /// <summary>Something may wait to be sent: it came, or it was put back.</summary>
    public void MayWait() => Volatile.Write(ref _mayWait, true);

    /// <summary>How many are open.</summary>
    public int Open => Volatile.Read(ref _open);

    public void Ended(Guid id)
    {
        timelines.End(id);
        Interlocked.Decrement(ref _open);
    }

    /// <summary>To be walked from now on.</summary>
    public GenerationRun RunOf(Generation generation, CallPermit? right) =>
        new(generation, timelines.Of(generation), TimeSpan.FromSeconds(options.Value.MaxRunSeconds), right);

    /// <summary>
    /// At start: nobody else owns the data directory, so whoever held a lease is gone, and its generations are free at once instead of when the
    /// lease ends. What was made for a sandbox can't be asked of Replicate: it would cost money that nobody meant to spend.
    /// </summary>
    public async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        foreach (var row in await writer.WriteAsync(TakeOverAsync, cancellationToken))
        {
            figures.Finished(row);
            log.Ended(row);
        }
    }

    /// <returns>What has ended by that.</returns>
    private async Task<List<Generation>> TakeOverAsync(GenApiDbContext db, CancellationToken token)
    {
        await FreeAsync(db.Set<Generation>().Where(generation => generation.CompletedAt == null && generation.Lease.Owner != null), token);
        // There is nothing of ours to renew yet.
        _renewAt = Clock.Now + RenewEvery;
        // One small query for both questions: each costs a start what EF needs to make it.
        var open = await db.Set<Generation>().Where(generation => generation.CompletedAt == null).Select(generation => generation.Upstream).ToListAsync(token);
        var failed = upstream.Name != ReplicateUpstream.SandboxName && open.RemoveAll(name => name == ReplicateUpstream.SandboxName) > 0
            ? await FailForSandboxAsync(db, token)
            : [];
        Volatile.Write(ref _open, open.Count);
        return failed;
    }

    /// <summary>After a start: takes away what a process that was killed left, ended generations that their owner had deleted, and what was staged for others than the open ones.</summary>
    public async Task TidyAsync(CancellationToken cancellationToken)
    {
        var deleted = await writer.WriteAsync((db, token) => db.Set<Generation>().Where(generation => generation.CompletedAt != null && generation.DeleteRequestedAt != null)
            .Select(generation => generation.Id).ToListAsync(token), cancellationToken);
        foreach (var id in deleted)
            await RemoveAsync(id, null, cancellationToken);
        await files.Images.ForgetStagedAsync(async ids => await writer.WriteAsync(async (db, token) =>
            await db.Set<Generation>().Where(row => ids.Contains(row.Id) && row.CompletedAt == null).Select(row => row.Id).ToListAsync(token), cancellationToken));
    }

    /// <summary>
    /// What an earlier process had in hand, now ours: the upstream has it or may have it, or it only has to be canceled, so it needs no right
    /// to create. After a start there is nothing of the kind, until a lease of somebody else's runs out.
    /// </summary>
    public async Task<List<Generation>> ClaimUnderWayAsync(string owner, int atMost, CancellationToken cancellationToken)
    {
        if (!MayBeUnderWay)
            return [];
        atMost = Math.Min(atMost, MostUnderWayAtOnce);
        var rows = await ClaimAsync(owner, (db, token) => db.Set<Generation>().AsNoTracking()
            .Where(generation => generation.CompletedAt == null && generation.Lease.Owner == null && generation.Upstream == upstream.Name
                && (generation.SubmittingAt != null || generation.CancelRequestedAt != null))
            .OrderBy(generation => generation.Number).Take(atMost).ToListAsync(token), cancellationToken);
        MayBeUnderWay = rows.Count == atMost;
        return rows;
    }

    /// <summary>The next generations to send, now ours. Those made for another upstream wait until it is in use again.</summary>
    public async Task<List<Generation>> ClaimWaitingAsync(string owner, int atMost, CancellationToken cancellationToken)
    {
        var now = Clock.Now;
        if (!Volatile.Read(ref _mayWait) && now < _lookAnywayAt)
            return [];
        _lookAnywayAt = now + LookAnyway;
        var turns = _turns ??= new FairScheduler(upstream.Name);
        try
        {
            return await ClaimAsync(owner, async (db, _) =>
            {
                var rows = await turns.NextAsync(db, atMost);
                // In the writer, where whatever is accepted after this says so after this.
                Volatile.Write(ref _mayWait, rows.Count == atMost);
                return rows;
            }, cancellationToken);
        }
        catch
        {
            MayWait();
            throw;
        }
    }

    /// <summary>Renews our leases when a third of their term has passed, and frees those that have run out.</summary>
    public async Task KeepAsync(string owner, CancellationToken cancellationToken)
    {
        var now = Clock.Now;
        if (now < _renewAt)
            return;
        _renewAt = now + RenewEvery;
        var until = now + Lease.Term;
        var freed = await writer.WriteAsync(async (db, token) =>
        {
            var open = db.Set<Generation>().Where(generation => generation.CompletedAt == null);
            await open.Where(generation => generation.Lease.Owner == owner)
                .ExecuteUpdateAsync(set => set.SetProperty(generation => generation.Lease.Until, until), token);
            return await FreeAsync(open.Where(generation => generation.Lease.Owner != null && generation.Lease.Until < now), token);
        }, cancellationToken);
        if (freed > 0)
        {
            MayBeUnderWay = true;
            MayWait();
        }
    }

    public Task ReleaseAsync(string owner, CancellationToken cancellationToken) => writer.WriteAsync(
        (db, token) => FreeAsync(db.Set<Generation>().Where(generation => generation.CompletedAt == null && generation.Lease.Owner == owner), token),
        cancellationToken);

    /// <summary>It has reached a terminal status; one that its owner deleted while it ran goes now.</summary>
    public async Task FinishedAsync(Generation generation, CancellationToken cancellationToken)
    {
        Ended(generation.Id);
        figures.Finished(generation);
        log.Ended(generation);
        await files.EndedAsync(generation);
        if (generation.DeleteRequestedAt is not null)
            await RemoveAsync(generation.Id, null, cancellationToken);
    }

    /// <summary>Rows first, bytes second.</summary>
    /// <param name="id">Of the generation.</param>
    /// <param name="also">What else belongs into the transaction, if there was something to remove.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    public async Task RemoveAsync(Guid id, Func<GenApiDbContext, CancellationToken, Task>? also, CancellationToken cancellationToken)
    {
        var removed = await writer.FreeAsync(async (db, token) =>
        {
            var gone = await ImageLibrary.RemoveRowsAsync(db, id, token);
            await WebhookOutbox.RemoveAsync(db, id, token);
            await GenerationGrants.RemoveAsync(db, id, token);
            if (await db.Set<Generation>().Where(generation => generation.Id == id).ExecuteDeleteAsync(token) > 0 && also is not null)
            {
                await also(db, token);
                await db.SaveChangesAsync(token);
            }
            return gone;
        }, cancellationToken);
        await files.Images.ForgetAsync(removed, CancellationToken.None);
    }

    private async Task<List<Generation>> FailForSandboxAsync(GenApiDbContext db, CancellationToken cancellationToken)
    {
        var rows = await db.Set<Generation>()
            .Where(generation => generation.CompletedAt == null && generation.Upstream == ReplicateUpstream.SandboxName).ToListAsync(cancellationToken);
        foreach (var row in rows)
        {
            var before = GenerationMoment.Of(row);
            row.MarkFailed(ErrorKind.UpstreamUnavailable, "It was asked of the sandbox, which is no longer in use.", timelines.Of(row).Now);
            timelines.End(row.Id);
            row.Touch();
            await db.SaveChangesAsync(cancellationToken);
            await GenerationLedger.BookAsync(db, row, (await ImageLibrary.ListAsync(db, [row.Id], cancellationToken)).Count(image => image.IsImage), cancellationToken);
            await news.TellAsync(db, row, before, cancellationToken);
        }
        return rows;
    }

    private Task<List<Generation>> ClaimAsync(
        string owner, Func<GenApiDbContext, CancellationToken, Task<List<Generation>>> choose, CancellationToken cancellationToken) => writer.WriteAsync(async (db, token) =>
    {
        var rows = await choose(db, token);
        if (rows.Count == 0)
            return rows;
        var lease = Lease.For(owner, Clock.Now);
        var numbers = rows.ConvertAll(row => row.Number);
        // One statement for all of them: with one for each, a thousand after a kill kept callers waiting for 0.8 s.
        await db.Set<Generation>().Where(generation => EF.Parameter(numbers).Contains(generation.Number)).ExecuteUpdateAsync(set => set
            .SetProperty(generation => generation.Lease.Owner, lease.Owner)
            .SetProperty(generation => generation.Lease.Until, lease.Until), token);
        foreach (var row in rows)
            row.Claim(lease);
        return rows;
    }, cancellationToken);

    /// <summary>The revision tells whoever held them.</summary>
    private static Task<int> FreeAsync(IQueryable<Generation> rows, CancellationToken cancellationToken) => rows.ExecuteUpdateAsync(set => set
        .SetProperty(generation => generation.Revision, generation => generation.Revision + 1)
        .SetProperty(generation => generation.Lease.Owner, (string?)null)
        .SetProperty(generation => generation.Lease.Until, (DateTimeOffset?)null), cancellationToken);
}
