using System.Diagnostics;
using GenApi.Core.Accounts.RateLimits;
using GenApi.Core.Diagnostics;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// Takes a request to its generation: resolve it, look into memory, prepare it, then read, decide and apply in one transaction, so that two
/// requests at the same moment never both find nothing. Effects come after the commit.
/// </summary>
internal sealed class GenerationIntake(
    RequestResolver resolver, IntakeReader reader, GenerationCache cache, GenerationGrants grants, MissingImages missing,
    GenerationLedger ledger, GenerationNotifications notifications, OpenGenerations open, UnansweredRequests unanswered,
    GenerationQueue queue, DirectRuns direct, GenerationChanges changes, DatabaseWriter writer, IOptions<GenerationOptions> options,
    TimeProvider time)
{
    private const int MostAttempts = 3;

    /// <summary>
    /// The looks, and the pause between two, at an answer that is about to be completely written. Its caller may have it before the server
    /// knows, and send the next request at once.
    /// </summary>
    private const int MostLooks = 40;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(25);

    private TimeSpan LongestRun => TimeSpan.FromSeconds(options.Value.MaxRunSeconds);

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
        ledger.CountAnswer(request, details.Generation, CacheOutcome.Hit);
        resolver.Remember(request, resolved);
        return new Submission(details, CacheOutcome.Hit);
    }

    private async Task<Submission> FromStoreAsync(
        GenerationRequest request, ResolvedRequest resolved, CancellationToken cancellationToken)
    {
        // Read here and not in the transaction, which other requests share. A body may have megabytes to hash.
        var (trace, fingerprint) = (GenApiMetrics.TraceParent, request.Fingerprint);
        if (resolved.Fault is null)
            resolved = await resolver.PrepareAsync(resolved, request.OwnerId, cancellationToken);
        using var permit = new RatePermit(request.Caller?.Limits);
        var prepared = new Prepared(request, resolved, fingerprint, trace, permit);
        var looks = 0;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AttemptAsync(prepared with { MayLookAgain = looks < MostLooks }, cancellationToken);
            }
            catch (BeingAnsweredException)
            {
                (looks, attempt) = (looks + 1, 0);
                await Task.Delay(LookEvery, TimeProvider.System, cancellationToken);
            }
            catch (UnseenFilesException)
            {
                await reader.RequireFilesAsync(resolved, cancellationToken);
                (prepared, attempt) = (prepared with { HasSeenFiles = true }, 0);
            }
            catch (Exception failure) when (attempt < MostAttempts && DatabaseFaults.IsUniqueViolation(failure))
            {
                // Another process was first; the next attempt finds its row.
            }
        }
    }

    private async Task<Submission> AttemptAsync(Prepared prepared, CancellationToken cancellationToken)
    {
        var (request, permit) = (prepared.Request, prepared.Permit);
        var (cacheVersion, grantsVersion) = (cache.Version, grants.Version);
        using var slot = open.NewSlot();
        using var place = direct.NewPlace();
        var (submission, losses, isGranted) = await writer.WriteAsync(
            (db, token) => TransactAsync(db, prepared, slot, place, token), cancellationToken);

        slot.Keep();
        place.Begin(submission.Details.Generation);
        if (submission.IsNew)
            permit.Keep();
        foreach (var loss in losses)
            missing.CompleteWithdrawal(loss, isDamaged: false);
        cache.Put(submission, cacheVersion);
        grants.Remember(request.OwnerId, submission.Details.Generation.Id, grantsVersion);
        ledger.CountAnswer(request, submission.Details.Generation, submission.Outcome);
        notifications.WakeSender(request.Webhook);
        if (submission.IsNew)
            changes.Changed(submission.Details.Generation.Id);
        else if (isGranted)
            changes.Granted(submission.Details.Generation.Id, request.OwnerId);
        return WithDeadline(submission, request);
    }

    /// <summary>
    /// Lets a limit hold only for a run that has it: one made for this request, or for the one that it repeats. Nobody without the limit
    /// joins such a run, while any other run may have callers of the same account who wait for its end.
    /// </summary>
    private Submission WithDeadline(Submission submission, GenerationRequest request)
    {
        var generation = submission.Details.Generation;
        return request.CancelAfter is { } limit && !generation.Status.IsTerminal() && generation.EndsEarly(LongestRun)
            ? submission with { Deadline = generation.CreatedAt + limit }
            : submission;
    }

    /// <summary>Reads, decides and applies.</summary>
    private async Task<Accepted> TransactAsync(
        GenApiDbContext db, Prepared prepared, OpenGenerations.Slot slot, DirectRuns.Place place, CancellationToken cancellationToken)
    {
        var request = prepared.Request;
        var facts = await reader.ReadAsync(db, request, prepared.Resolved, cancellationToken);
        var decision = IntakeDecision.Of(facts);
        if (prepared.MayLookAgain && facts.Earlier is { IsBeingAnswered: true } && decision is IntakeDecision.Existing { IsRepeat: true })
            throw new BeingAnsweredException();
        if (decision is IntakeDecision.Insert && !prepared.HasSeenFiles && reader.HasUnseenFiles(prepared.Resolved))
            throw new UnseenFilesException();
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
        Await(submission, prepared);
        var isDirect = submission.IsNew && place.TryTake(db, generation);
        if (submission.IsNew)
            await generation.InsertAsync(db, cancellationToken);
        var isGranted = await grants.GrantAsync(db, generation, request.OwnerId, cancellationToken);
        if (db.ChangeTracker.HasChanges())
            await db.SaveChangesAsync(cancellationToken);
        if (submission.IsNew)
        {
            await db.AddToSearchAsync(generation.Number, generation.Prompt, request.OwnerId, isNew: true, cancellationToken);
            slot.Occupy(generation);
            if (!isDirect)
                queue.MayWait();
        }
        return new(submission, facts.Losses, isGranted);
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
        if (request.Also is { } also)
            await also(db, generation, cancellationToken);
        return new(new(generation, []), insert.Outcome) { IsNew = true, ReplacesLost = insert.ReplacesLost };
    }

    /// <summary>
    /// Notes that the caller waits for the answer. A row that another request made says nothing of this one's repeats, so nothing is noted
    /// there.
    /// </summary>
    private void Await(Submission submission, Prepared prepared)
    {
        var generation = submission.Details.Generation;
        if (prepared.Fingerprint is not { } own || generation.Fingerprint != own || prepared.Request.Repeat?.Answer is not { } answer)
            return;
        var isAwaited = unanswered.TryBegin(answer, generation.Id, submission.IsNew);
        if (submission.IsNew && (!isAwaited || unanswered.MarksWhileAwaited))
            generation.MarkUnanswered(unanswered.Now);
    }

    private NewGeneration NewRow(Prepared prepared)
    {
        var row = RowOf(prepared);
        // Its end comes early, which a request without that limit must not share.
        return prepared.Request.CancelAfter is { } limit && limit < LongestRun
            ? row with { CancelAfter = limit, FlightKey = null }
            : row;
    }

    private static NewGeneration RowOf(Prepared prepared) => prepared.Resolved.ToNew(prepared.Request.OwnerId) with
    {
        Door = prepared.Request.Door,
        EndUser = prepared.Request.EndUser?.Id,
        Fingerprint = prepared.Fingerprint,
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
    private sealed record Prepared(
        GenerationRequest Request, ResolvedRequest Resolved, Guid? Fingerprint, string? TraceParent, RatePermit Permit)
    {
        /// <summary>True if the request may wait a moment for the end of another one's answer.</summary>
        public bool MayLookAgain { get; init; }

        /// <summary>True if the store was asked for the input files.</summary>
        public bool HasSeenFiles { get; init; }
    }

    /// <summary>Leaves the transaction without a change: the answer to an equal request is just being written.</summary>
    private sealed class BeingAnsweredException : Exception;

    /// <summary>Leaves the transaction without a change: a remote store must be asked for the files of the new run first.</summary>
    private sealed class UnseenFilesException : Exception;

    /// <summary>The result of the transaction, for the effects after its commit.</summary>
    private sealed record Accepted(Submission Submission, IReadOnlyList<ImageLoss> Losses, bool IsGranted);
}
