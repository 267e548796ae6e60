using System.Linq.Expressions;
using GenApi.Core.Persistence;

namespace GenApi.Core.Generations;

/// <summary>
/// Finds and repairs columns that contradict each other. No transition leaves a row so, but an edit by hand, a restored file or a defect of
/// ours can. Such a row would never end, or never be seen.
/// </summary>
public sealed partial class Generation
{
    /// <summary>The condition of <see cref="InvariantViolation"/> as a query over all rows.</summary>
    internal static readonly Expression<Func<Generation, bool>> ViolatesInvariant = row =>
        (row.CompletedAt == null && (row.Status == GenerationStatus.Succeeded
            || row.Status == GenerationStatus.Failed || row.Status == GenerationStatus.Canceled))
        || (row.CompletedAt != null
            && row.Status != GenerationStatus.Succeeded && row.Status != GenerationStatus.Failed && row.Status != GenerationStatus.Canceled)
        || (row.CompletedAt != null && (row.Lease.Owner != null || row.Outputs != null))
        || (row.IsAnswer && row.Status != GenerationStatus.Succeeded)
        || ((row.Status == GenerationStatus.Starting || row.Status == GenerationStatus.Processing) && row.PredictionId == null)
        || (row.Status == GenerationStatus.Queued && row.PredictionId != null)
        || (row.Status == GenerationStatus.Storing && (row.Outputs == null || row.StoringAt == null))
        || (row.Lease.Owner == null && row.Lease.Until != null) || (row.Lease.Owner != null && row.Lease.Until == null);

    /// <summary>Says, after "the row", which columns contradict each other; null: none do.</summary>
    internal string? InvariantViolation => this switch
    {
        { CompletedAt: null } when Status.IsTerminal() => $"is {Status.Word()} and has no time of its end",
        { CompletedAt: not null } when !Status.IsTerminal() => $"is {Status.Word()} and has a time of its end",
        { CompletedAt: not null, Lease.Owner: not null } => "has ended and is still leased",
        { CompletedAt: not null, Outputs: not null } => "has ended and still lists files to fetch",
        { IsAnswer: true, Status: not GenerationStatus.Succeeded } => $"is {Status.Word()} and answers requests",
        { Status: GenerationStatus.Starting or GenerationStatus.Processing, PredictionId: null } =>
            $"is {Status.Word()} and has no prediction",
        { Status: GenerationStatus.Queued, PredictionId: not null } => "is queued and has a prediction",
        { Status: GenerationStatus.Storing, Outputs: null } or { Status: GenerationStatus.Storing, StoringAt: null } =>
            "is storing and lists no files to fetch",
        _ when Lease.Owner is null != Lease.Until is null => "has half a lease",
        _ => null,
    };

    /// <summary>
    /// Puts the row into the nearest consistent state. A creation that may have been billed is searched for, never sent again.
    /// </summary>
    internal void Repair(DateTimeOffset now)
    {
        if (Status.IsTerminal())
        {
            CompletedAt ??= now;
            Outputs = null;
            IsAnswer &= Status == GenerationStatus.Succeeded;
        }
        else
        {
            CompletedAt = null;
            IsAnswer = false;
        }
        if (Status is GenerationStatus.Starting or GenerationStatus.Processing && PredictionId is null)
        {
            // Uncertain: the search goes through the upstream's predictions.
            Status = GenerationStatus.Queued;
            SubmittingAt ??= CreatedAt;
            DeadlineAt ??= now;
        }
        if (Status == GenerationStatus.Queued && PredictionId is not null)
            Status = GenerationStatus.Processing;
        if (Status == GenerationStatus.Storing && (Outputs is null || StoringAt is null))
        {
            // The prediction still has its files.
            Status = PredictionId is null ? GenerationStatus.Queued : GenerationStatus.Processing;
            Outputs = null;
            SubmittingAt ??= CreatedAt;
            DeadlineAt ??= now;
        }
        Lease = Lease.Released;
    }

    /// <summary>Releases a lease that no process renews any more.</summary>
    internal void ReleaseLease() => Lease = Lease.Released;

    /// <summary>
    /// Prepares an unfinished row of a copy of the database. If it was waiting, the service that continued may have sent it since, and it
    /// may be billed: it becomes unconfirmed, so its prediction is searched for before it is sent.
    /// </summary>
    /// <param name="since">The time from which on it may have been sent.</param>
    /// <param name="now">The time.</param>
    /// <param name="longestRun">The longest time that a run may take.</param>
    internal void ContinueFromCopy(DateTimeOffset since, DateTimeOffset now, TimeSpan longestRun)
    {
        ReleaseLease();
        if (Status == GenerationStatus.Queued && SubmittingAt is null)
            MarkSubmitting(now, since, longestRun);
        Touch();
    }
}
