using GenApi.Core.Accounts.RateLimits;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// Decides how a request gets its generation: from memory, from the store, by joining one that runs, or by a new row. Everything but the
/// first is one transaction, so that two requests at the same moment never both find nothing.
/// </summary>
internal sealed class GenerationIntake(
    RequestResolver resolver, RequestPreparation preparation, GenerationCache cache, DatabaseWriter writer, GenerationQueue queue, GenerationGrants grants,
    StoredAnswers stored, StoreGate gate)
{
    private const int MostRaces = 3;

    private readonly TimeProvider _time = queue.Time;

    public ValueTask<Submission> SubmitAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var resolving = resolver.ResolveAsync(request, cancellationToken);
        if (!resolving.IsCompletedSuccessfully)
            return new(ResolvedLaterAsync(resolving.AsTask(), request, cancellationToken));
        var resolved = resolving.Result;
        return FromMemory(request, resolved) is { } hit ? new(hit) : new(FromStoreAsync(request, resolved, cancellationToken));
    }

    private async Task<Submission> ResolvedLaterAsync(Task<ResolvedRequest> resolving, GenerationRequest request, CancellationToken cancellationToken)
    {
        var resolved = await resolving;
        return FromMemory(request, resolved) ?? await FromStoreAsync(request, resolved, cancellationToken);
    }

    /// <summary>The path of a hit: no database. An idempotency key is a promise about a row, and a webhook a row to be sent, so these go the other way.</summary>
    private Submission? FromMemory(GenerationRequest request, ResolvedRequest resolved)
    {
        if (request.IdempotencyKey is not null || request.Webhook is not null || resolved.AnswerKey is not { } key || cache.FindAnswer(key) is not { } details
            || !stored.IsWhole(details))
            return null;
        grants.Grant(details.Generation, request.OwnerId);
        preparation.Ledger.Answered(request.OwnerId, details.Generation, CacheOutcome.Hit);
        return new Submission(details, CacheOutcome.Hit);
    }

    private async Task<Submission> FromStoreAsync(GenerationRequest request, ResolvedRequest resolved, CancellationToken cancellationToken)
    {
        // Here and not in the transaction, which others' requests share.
        var trace = GenApiMetrics.TraceParent;
        if (resolved.Fault is null)
            resolved = await preparation.PrepareAsync(resolved, request.OwnerId, cancellationToken);
        using var turn = new RatePermit(request.Caller?.Limits.Generations);
        for (var race = 1; ; race++)
        {
            var (version, grantsVersion) = (cache.Version, grants.Version);
            Guid? counted = null;
            var losses = new List<PictureLoss>();
            try
            {
                var submission = await writer.WriteAsync(async (db, token) =>
                {
                    var decided = await DecideAsync(db, request, resolved, turn, losses, token);
                    if (decided.IsNew)
                        decided.Details.Generation.BelongTo(trace);
                    await grants.GrantAsync(db, decided.Details.Generation, request.OwnerId, token);
                    await db.SaveChangesAsync(token);
                    // The row has its number from here on.
                    if (decided.IsNew)
                        await db.AddToSearchAsync(decided.Details.Generation.Number, decided.Details.Generation.Prompt, request.OwnerId, isNew: true, token);
                    // Counted at once, so that those behind it in the same transaction see it.
                    if (decided.IsNew)
                    {
                        counted = decided.Details.Generation.Id;
                        queue.Accepted(decided.Details.Generation);
                    }
                    return decided;
                }, cancellationToken);
                // One that another process was first with is not made here after all.
                if (submission.IsNew)
                    turn.Keep();
                losses.ForEach(stored.Withdrawn);
                cache.Put(submission, version);
                grants.Remember(request.OwnerId, submission.Details.Generation.Id, grantsVersion);
                preparation.Ledger.Answered(request.OwnerId, submission.Details.Generation, submission.Outcome);
                queue.News.Told(request.Webhook);
                return submission;
            }
            catch (Exception failure)
            {
                if (counted is { } id)
                    queue.Ended(id);
                // Another process may have been first; then the next look finds its row.
                if (race >= MostRaces || !DatabaseFaults.IsUniqueViolation(failure))
                    throw;
            }
        }
    }

    private async Task<Submission> DecideAsync(GenApiDbContext db, GenerationRequest request, ResolvedRequest resolved, RatePermit turn, List<PictureLoss> losses,
        CancellationToken cancellationToken)
    {
        if (request.IdempotencyKey is { } key && await RepeatedAsync(db, key, cancellationToken) is { } repeated)
            return repeated;
        if (resolved.Fault is { } fault)
            throw fault;
        var submission = await stored.FindAsync(db, resolved, losses, cancellationToken);
        if (submission is null)
        {
            if (request.OnlyIfCached)
                throw new GenApiException(ErrorKind.NotCached, "There is no stored answer to this request, and only a stored one was asked for.");
            // What costs money only where it can be kept.
            gate.Require();
            queue.ThrowIfFull();
            await preparation.RequireAsync(db, resolved, cancellationToken);
            turn.Take();
            var now = _time.GetUtcNow();
            var generation = Generation.Accept(await preparation.Ledger.ReserveAsync(db, resolved.ToNew(request.OwnerId), now, cancellationToken), now);
            db.Add(generation);
            request.Also?.Invoke(db, generation);
            var outcome = resolved.AnswerKey is null ? CacheOutcome.Bypass : CacheOutcome.Miss;
            submission = new(new(generation, []), outcome) { IsNew = true, ReplacesLost = losses.Count > 0 };
        }
        if (request.Webhook is { } webhook)
            await queue.News.SubscribeAsync(db, submission.Details, webhook, cancellationToken);
        if (request.IdempotencyKey is { } fresh)
            Remember(db, fresh, submission.Details.Generation.Id);
        return submission;
    }

    private async Task<Submission?> RepeatedAsync(GenApiDbContext db, IdempotencyKey key, CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        await db.Set<IdempotencyRecord>().Where(record => record.ExpiresAt <= now).ExecuteDeleteAsync(cancellationToken);
        var known = await db.Set<IdempotencyRecord>().FirstOrDefaultAsync(record => record.Scope == key.Scope && record.Key == key.Text, cancellationToken)
            ?? await db.Set<IdempotencyRecord>().FirstOrDefaultAsync(
                record => record.Scope == IdempotencyRecord.Everyone && record.Key == key.Text && record.BodyHash == key.BodyHash, cancellationToken);
        if (known is null)
            return null;
        if (known.BodyHash != key.BodyHash)
            throw new GenApiException(ErrorKind.IdempotencyMismatch, "This Idempotency-Key was used before with another body. A new act needs a new key.")
            {
                GenerationId = known.GenerationId,
            };
        var generation = await db.Set<Generation>().AsNoTracking()
            .FirstOrDefaultAsync(row => row.Id == known.GenerationId && row.DeleteRequestedAt == null, cancellationToken)
            ?? throw new GenApiException(ErrorKind.Conflict, "The generation made under this Idempotency-Key has been deleted.") { GenerationId = known.GenerationId };
        var details = await GenerationReader.WithImagesAsync(db, generation, cancellationToken);
        return new(details, generation.Status.IsTerminal() ? CacheOutcome.Hit : CacheOutcome.Coalesced);
    }

    private void Remember(GenApiDbContext db, IdempotencyKey key, Guid id) => db.Add(new IdempotencyRecord
    {
        Scope = key.Scope,
        Key = key.Text,
        BodyHash = key.BodyHash,
        GenerationId = id,
        ExpiresAt = _time.GetUtcNow() + IdempotencyRecord.KeptFor,
    });
}
