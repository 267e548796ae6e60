using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Rows;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// Reads what decides about a request, in the writer's transaction, so that nothing can come between the reading and the decision.
/// </summary>
internal sealed class IntakeReader(
    MissingImages missing, ImageLibrary images, StoreGate gate, RequestFiles files, OpenGenerations open, UnansweredRequests unanswered,
    RepeatWindow window, SteadyClock clock, IOptions<GenerationOptions> options, TimeProvider time)
{
    /// <summary>Only requests for a new run each time can make more than one that runs for the same key.</summary>
    private const int MostRunning = 20;

    private static readonly string ByFingerprint = Generation.Rows.Select(
        """WHERE t."Fingerprint" = @p0 AND t."DeleteRequestedAt" IS NULL ORDER BY t."Number" DESC LIMIT 1""");

    private static readonly string RunningByCacheKey = Running("CacheKey"), RunningByReuseKey = Running("ReuseKey");

    /// <summary>
    /// Returns whether all images of a generation are in the store, as far as a look of some microseconds shows it.
    /// </summary>
    public bool IsWhole(GenerationDetails details)
    {
        // A loop, and no closure: every hit comes along here.
        foreach (var image in details.Outputs)
        {
            if (images.IsMissing(image))
                return false;
        }
        return true;
    }

    /// <summary>
    /// Reads the facts in the order of their precedence, and stops when they settle the request. An answer that has lost an image is
    /// withdrawn where it is found, and the next one is read. For an estimate it only reads.
    /// </summary>
    /// <param name="db">The writer's; any context for an estimate.</param>
    /// <param name="request">As it came.</param>
    /// <param name="resolved">The same, resolved and prepared.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IntakeFacts> ReadAsync(
        GenApiDbContext db, GenerationRequest request, ResolvedRequest resolved, CancellationToken cancellationToken)
    {
        if (request is { IdempotencyKey: not null, IsEstimate: false })
        {
            var now = time.GetUtcNow();
            await db.Set<IdempotencyRecord>().Where(record => record.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        }
        var remembered = request.IdempotencyKey is { } key ? await RememberedAsync(db, key, cancellationToken) : null;
        var found = await FindAsync(db, request, resolved, cancellationToken);
        var facts = new IntakeFacts
        {
            Remembered = remembered,
            Earlier = await EarlierAsync(db, request, resolved, found.Earlier, cancellationToken),
            RequestFault = resolved.Fault,
            MayReuse = resolved.AnswerKey is not null,
        };
        if (IsSettled(facts))
            return facts;
        facts = await WithStoredAsync(
            db, facts with { OnlyIfCached = request.OnlyIfCached }, resolved, found, request.IsEstimate, cancellationToken);
        if (IsSettled(facts))
            return facts;
        facts = facts with { StoreFault = gate.Fault, QueueFault = open.Fault };
        return IsSettled(facts)
            ? facts
            : facts with { FileFault = await files.FindFaultAsync(db, resolved.Input, cancellationToken) };
    }

    /// <summary>Returns whether a new run must ask a remote store for its input files: <see cref="RequireFilesAsync"/>.</summary>
    public bool HasUnseenFiles(ResolvedRequest resolved) => files.AreUnseen(resolved.Input);

    /// <summary>Asks the store for the input files. It may take long, so call it outside of the transaction.</summary>
    /// <exception cref="Errors.GenApiException">InvalidInput: some are missing. Or the store can't be read.</exception>
    public Task RequireFilesAsync(ResolvedRequest resolved, CancellationToken cancellationToken) =>
        files.RequireAsync(resolved.Input, cancellationToken);

    /// <summary>Facts that are still to be read can only stand in the way of a new row.</summary>
    private static bool IsSettled(IntakeFacts facts) => IntakeDecision.Of(facts) is not IntakeDecision.Insert;

    private static string Running(string column) => Generation.Rows.Select(
        $"""
        WHERE t."{column}" = @p0 AND t."CompletedAt" IS NULL AND t."CancelRequestedAt" IS NULL ORDER BY t."Number" DESC LIMIT @p1
        """);

    private async Task<RememberedAct?> RememberedAsync(GenApiDbContext db, IdempotencyKey key, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var records = db.Set<IdempotencyRecord>().Where(record => record.ExpiresAt > now);
        var known = await records.FirstOrDefaultAsync(record => record.Scope == key.Scope && record.Key == key.Text, cancellationToken)
            ?? await records.FirstOrDefaultAsync(
                record => record.Scope == IdempotencyRecord.Everyone && record.Key == key.Text && record.BodyHash == key.BodyHash,
                cancellationToken);
        if (known is null)
            return null;
        if (known.BodyHash != key.BodyHash)
            return new(known.GenerationId, HasSameBody: false, null);
        var generation = await db.Set<Generation>().AsNoTracking()
            .FirstOrDefaultAsync(row => row.Id == known.GenerationId && row.DeleteRequestedAt == null, cancellationToken);
        var details = generation is null ? null : await GenerationReader.WithImagesAsync(db, generation, cancellationToken);
        return new(known.GenerationId, HasSameBody: true, details);
    }

    /// <summary>Reads at once what a new run needs all of: a server is asked only once.</summary>
    private static async Task<Found> FindAsync(
        GenApiDbContext db, GenerationRequest request, ResolvedRequest resolved, CancellationToken cancellationToken)
    {
        var queries = new List<RowStatement>(3);
        if (request.Fingerprint is { } fingerprint)
            queries.Add(new(ByFingerprint, fingerprint));
        if (resolved.AnswerKey is { } key)
        {
            queries.Add(GenerationReader.AnswerTo(key, resolved.AnySeed));
            queries.Add(new(resolved.AnySeed ? RunningByReuseKey : RunningByCacheKey, key, MostRunning));
        }
        if (queries.Count == 0)
            return new(null, null, []);
        var rows = await Generation.Rows.ListAllAsync(db, queries, cancellationToken);
        return new(
            request.Fingerprint is null ? null : rows[0].FirstOrDefault(),
            resolved.AnswerKey is null ? null : rows[^2].FirstOrDefault(),
            resolved.AnswerKey is null ? [] : rows[^1]);
    }

    private async Task<EarlierRun?> EarlierAsync(
        GenApiDbContext db, GenerationRequest request, ResolvedRequest resolved, Generation? row, CancellationToken cancellationToken)
    {
        if (row is null)
            return null;
        var details = await GenerationReader.WithImagesAsync(db, row, cancellationToken);
        var (isAwaited, unansweredAt) = unanswered.Of(row);
        var hasItsOutputs = row.Status != GenerationStatus.Succeeded || (details.IsAnswer && IsWhole(details));
        return new(details)
        {
            IsMarked = request.Repeat!.IsMarked,
            IsAwaited = isAwaited,
            UnansweredAt = unansweredAt,
            Since = clock.Now - window.Length,
            HasItsOutputs = hasItsOutputs,
            IsSameAnswer = resolved.AnswerKey is { } key && key == (resolved.AnySeed ? row.ReuseKey : row.CacheKey)
                && row.Status is not (GenerationStatus.Failed or GenerationStatus.Canceled),
        };
    }

    /// <summary>Adds what the store has: a finished generation whose images are all there, or one that is under way.</summary>
    private async Task<IntakeFacts> WithStoredAsync(
        GenApiDbContext db, IntakeFacts facts, ResolvedRequest resolved, Found found, bool isEstimate,
        CancellationToken cancellationToken)
    {
        if (resolved.AnswerKey is not { } key)
            return facts;
        var losses = new List<ImageLoss>();
        var next = found.Answer is { } newest ? await GenerationReader.WithImagesAsync(db, newest, cancellationToken) : null;
        while (next is { } answer)
        {
            if (IsWhole(answer))
                return facts with { Answer = answer, Losses = losses };
            // While the store itself is at fault, nothing in it counts as lost.
            if (gate.Fault is { } fault)
                return facts with { StoreFault = fault };
            if (isEstimate)
            {
                var number = answer.Generation.Number;
                next = await GenerationReader.FindAnswerBeforeAsync(db, key, resolved.AnySeed, number, cancellationToken);
                continue;
            }
            var keys = answer.Outputs.Where(images.IsMissing).Select(image => image.BlobKey);
            var loss = await missing.WithdrawAsync(db, [.. keys], cancellationToken);
            if (loss.Answers.Count == 0)
                return facts with { Answer = answer, Losses = losses };
            losses.Add(loss);
            next = await GenerationReader.FindAnswerAsync(db, key, resolved.AnySeed, cancellationToken);
        }
        var longest = TimeSpan.FromSeconds(options.Value.MaxRunSeconds);
        return facts with
        {
            // One whose caller set an early end may never answer this request.
            Running = found.Running.Find(row => !row.EndsEarly(longest)),
            Losses = losses,
        };
    }

    /// <param name="Earlier">The run of the same request; null: none.</param>
    /// <param name="Answer">The newest finished answer; null: none.</param>
    /// <param name="Running">What is under way for the same answer.</param>
    private readonly record struct Found(Generation? Earlier, Generation? Answer, List<Generation> Running);
}
