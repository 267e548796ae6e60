using System.Linq.Expressions;
using GenApi.Core.Persistence;

namespace GenApi.Core.Generations;

/// <summary>
/// Columns that contradict each other. No transition leaves a row so; a hand in the database, a restored file or a defect of ours can, and
/// such a row would never end or never be seen.
/// </summary>
public sealed partial class Generation
{
    /// <summary>As <see cref="Flaw"/> is not null, for the database to look through all rows.</summary>
    internal static readonly Expression<Func<Generation, bool>> IsFlawed = row =>
        (row.CompletedAt == null && (row.Status == GenerationStatus.Succeeded || row.Status == GenerationStatus.Failed || row.Status == GenerationStatus.Canceled))
        || (row.CompletedAt != null && row.Status != GenerationStatus.Succeeded && row.Status != GenerationStatus.Failed && row.Status != GenerationStatus.Canceled)
        || (row.CompletedAt != null && (row.Lease.Owner != null || row.Outputs != null))
        || (row.IsAnswer && row.Status != GenerationStatus.Succeeded)
        || ((row.Status == GenerationStatus.Starting || row.Status == GenerationStatus.Processing) && row.PredictionId == null)
        || (row.Status == GenerationStatus.Queued && row.PredictionId != null)
        || (row.Status == GenerationStatus.Storing && (row.Outputs == null || row.StoringAt == null))
        || (row.Lease.Owner == null && row.Lease.Until != null) || (row.Lease.Owner != null && row.Lease.Until == null);

    /// <summary>What contradicts what; null: nothing.</summary>
    internal string? Flaw => this switch
    {
        { CompletedAt: null } when Status.IsTerminal() => $"is {Status.Word()} and has no time of its end",
        { CompletedAt: not null } when !Status.IsTerminal() => $"is {Status.Word()} and has a time of its end",
        { CompletedAt: not null, Lease.Owner: not null } => "has ended and is still leased",
        { CompletedAt: not null, Outputs: not null } => "has ended and still lists files to fetch",
        { IsAnswer: true, Status: not GenerationStatus.Succeeded } => $"is {Status.Word()} and answers requests",
        { Status: GenerationStatus.Starting or GenerationStatus.Processing, PredictionId: null } => $"is {Status.Word()} and has no prediction",
        { Status: GenerationStatus.Queued, PredictionId: not null } => "is queued and has a prediction",
        { Status: GenerationStatus.Storing, Outputs: null } or { Status: GenerationStatus.Storing, StoringAt: null } => "is storing and lists no files to fetch",
        _ when Lease.Owner is null != Lease.Until is null => "has half a lease",
        _ => null,
    };

    /// <summary>
    /// Puts the row into the nearest state that is whole. Whatever may have been billed is looked for, never sent again.
    /// </summary>
    internal void Mend(DateTimeOffset now)
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
            // Uncertain: it is looked for among the upstream's predictions.
            Status = GenerationStatus.Queued;
            SubmittingAt ??= CreatedAt;
            DeadlineAt ??= now;
        }
        if (Status == GenerationStatus.Queued && PredictionId is not null)
            Status = GenerationStatus.Processing;
        if (Status == GenerationStatus.Storing && (Outputs is null || StoringAt is null))
        {
            // The prediction still knows its files.
            Status = PredictionId is null ? GenerationStatus.Queued : GenerationStatus.Processing;
            Outputs = null;
            SubmittingAt ??= CreatedAt;
            DeadlineAt ??= now;
        }
        Lease = Lease.None;
    }

    /// <summary>Nobody renews its lease any more.</summary>
    internal void FreeLease() => Lease = Lease.None;
}
