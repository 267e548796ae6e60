using System.Diagnostics;
using GenApi.Core.Accounts.RateLimits;
using GenApi.Core.Diagnostics;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// Takes a request to its generation: resolve it, look into memory, prepare it, then read, decide and apply in one transaction, so that two
/// requests at the same moment never both find nothing. Effects come after the commit.
/// </summary>
internal sealed class GenerationIntake(
    RequestResolver resolver, IntakeReader reader, GenerationCache cache, GenerationGrants grants, MissingImages missing,
    GenerationLedger ledger, GenerationNotifications notifications, OpenGenerations open, GenerationQueue queue, DatabaseWriter writer,
    TimeProvider time)
{
    private const int MostAttempts = 3;

    /// <summary>Finds or makes the generation of a request; a new one is on the disk when this returns.</summary>
    public ValueTask<Submission> SubmitAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var resolving = resolver.ResolveAsync(request, cancellationToken);
        if (!resolving.IsCompletedSuccessfully)
            return new(ResolvedLaterAsync(resolving.AsTask(), request, cancellationToken));
        var resolved = resolving.Result;
        return FromMemory(request, resolved) is { } hit ? new(hit) : new(FromStoreAsync(request, resolved, cancellationToken));
    }

    private async Task<Submission> ResolvedLaterAsync(
        Task<ResolvedRequest> resolving, GenerationRequest request, CancellationToken cancellationToken)
    {
        var resolved = await resolving;
        return FromMemory(request, resolved) ?? await FromStoreAsync(request, resolved, cancellationToken);
    }

    /// <summary>
    /// Answers a hit without the database. An idempotency key is a promise about a row, and a webhook is a row to be sent, so requests with
    /// one of these go to the store.
    /// </summary>
    private Submission? FromMemory(GenerationRequest request, ResolvedRequest resolved)
    {
        if (request.IdempotencyKey is not null || request.Webhook is not null || resolved.AnswerKey is not { } key
            || cache.FindAnswer(key) is not { } details || !reader.IsWhole(details))
            return null;
        grants.Grant(details.Generation, request.OwnerId);
        ledger.CountAnswer(request.OwnerId, details.Generation, CacheOutcome.Hit);
        return new Submission(details, CacheOutcome.Hit);
    }

    private async Task<Submission> FromStoreAsync(
        GenerationRequest request, ResolvedRequest resolved, CancellationToken cancellationToken)
    {
        // Read here and not in the transaction, which other requests share.
        var trace = GenApiMetrics.TraceParent;
        if (resolved.Fault is null)
            resolved = await resolver.PrepareAsync(resolved, request.OwnerId, cancellationToken);
        using var permit = new RatePermit(request.Caller?.Limits.Generations);
        var prepared = new Prepared(request, resolved, trace, permit);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(prepared, cancellationToken);
            }
            catch (Exception failure) when (attempt < MostAttempts && DatabaseFaults.IsUniqueViolation(failure))
            {
                // Another process was first; the next attempt finds its row.
            }
        }
    }

    private async Task<Submission> AttemptAsync(Prepared prepared, CancellationToken cancellationToken)
    {
        var (request, _, _, permit) = prepared;
        var (cacheVersion, grantsVersion) = (cache.Version, grants.Version);
        using var slot = open.NewSlot();
        var (submission, losses) = await writer.WriteAsync((db, token) => TransactAsync(db, prepared, slot, token), cancellationToken);

        slot.Keep();
        if (submission.IsNew)
            permit.Keep();
        foreach (var loss in losses)
            missing.CompleteWithdrawal(loss, isDamaged: false);
        cache.Put(submission, cacheVersion);
        grants.Remember(request.OwnerId, submission.Details.Generation.Id, grantsVersion);
        ledger.CountAnswer(request.OwnerId, submission.Details.Generation, submission.Outcome);
        notifications.WakeSender(request.Webhook);
        return submission;
    }

    /// <summary>Reads, decides and applies.</summary>
    private async Task<Accepted> TransactAsync(
        GenApiDbContext db, Prepared prepared, OpenGenerations.Slot slot, CancellationToken cancellationToken)
    {
        var request = prepared.Request;
        var facts = await reader.ReadAsync(db, request, prepared.Resolved, cancellationToken);
        var decision = IntakeDecision.Of(facts);
        var submission = decision switch
        {
            IntakeDecision.Existing existing => existing.Submission,
            IntakeDecision.Insert insert => await InsertAsync(db, prepared, insert, cancellationToken),
            IntakeDecision.Refuse refusal => throw refusal.Problem,
            _ => throw new UnreachableException(),
        };
        var generation = submission.Details.Generation;
        if (decision is not IntakeDecision.Existing { IsRepetition: true })
        {
            if (request.Webhook is { } webhook)
                await notifications.SubscribeAsync(db, submission.Details, webhook, cancellationToken);
            if (request.IdempotencyKey is { } key)
                Remember(db, key, generation.Id);
        }
        await grants.GrantAsync(db, generation, request.OwnerId, cancellationToken);
        await db.SaveChangesAsync(cancellationToken);
        if (submission.IsNew)
        {
            // Only the save gave the row its number.
            await db.AddToSearchAsync(generation.Number, generation.Prompt, request.OwnerId, isNew: true, cancellationToken);
            slot.Occupy(generation);
            queue.MayWait();
        }
        return new(submission, facts.Losses);
    }

    /// <summary>Acquires what a new run needs (the caller's permit, its budget) and adds the row.</summary>
    private async Task<Submission> InsertAsync(
        GenApiDbContext db, Prepared prepared, IntakeDecision.Insert insert, CancellationToken cancellationToken)
    {
        var request = prepared.Request;
        prepared.Permit.Take();
        var now = time.GetUtcNow();
        var made = await ledger.ReserveAsync(db, NewRow(prepared), now, cancellationToken);
        var generation = Generation.Accept(made, now);
        generation.SetTraceParent(prepared.TraceParent);
        db.Add(generation);
        request.Also?.Invoke(db, generation);
        return new(new(generation, []), insert.Outcome) { IsNew = true, ReplacesLost = insert.ReplacesLost };
    }

    private static NewGeneration NewRow(Prepared prepared) => prepared.Resolved.ToNew(prepared.Request.OwnerId) with
    {
        Door = prepared.Request.Door,
        EndUser = prepared.Request.EndUser?.Id,
        Fingerprint = prepared.Request.Repeat?.Fingerprint,
    };

    private void Remember(GenApiDbContext db, IdempotencyKey key, Guid id) => db.Add(new IdempotencyRecord
    {
        Scope = key.Scope,
        Key = key.Text,
        BodyHash = key.BodyHash,
        GenerationId = id,
        ExpiresAt = time.GetUtcNow() + IdempotencyRecord.KeptFor,
    });

    /// <summary>A request as the transaction gets it, the same at each attempt.</summary>
    private sealed record Prepared(GenerationRequest Request, ResolvedRequest Resolved, string? TraceParent, RatePermit Permit);

    /// <summary>The result of the transaction, for the effects after its commit.</summary>
    private sealed record Accepted(Submission Submission, IReadOnlyList<ImageLoss> Losses);
}
