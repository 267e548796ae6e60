using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Accounts.EndUsers;
using GenApi.Core.Accounts.Usage;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// Books generations to accounts. The transaction that accepts one reserves its worst case. The transaction that ends it writes a line of
/// the ledger and settles the true cost. Answers that made no generation are counted.
/// </summary>
internal sealed class GenerationLedger(
    BudgetReservations budgets, UsageCounts counts, EndUserNames names, IOptions<AccountsOptions> options)
{
    /// <summary>Reserves the worst case of a generation that is about to become a row.</summary>
    /// <returns>The data of the row, marked as free where it is one of <c>Accounts:FreeRuns</c>.</returns>
    /// <exception cref="Errors.GenApiException">BudgetExhausted or UnpricedModel; the transaction must not be committed then.</exception>
    public async Task<NewGeneration> ReserveAsync(
        GenApiDbContext db, NewGeneration made, DateTimeOffset now, CancellationToken cancellationToken)
    {
        made = await WithFreeAsync(db, made, cancellationToken);
        var payer = new BudgetPayer(made.OwnerId, made.EndUser);
        await budgets.ReserveAsync(db, payer, made.Upstream, made.WorstMicros, made.Unbounded, now, cancellationToken);
        return made;
    }

    /// <summary>Returns the data of the row, marked as free where it is one of <c>Accounts:FreeRuns</c>.</summary>
    public async Task<NewGeneration> WithFreeAsync(GenApiDbContext db, NewGeneration made, CancellationToken cancellationToken) =>
        made with { IsFree = await IsFreeAsync(db, made.Upstream, cancellationToken) };

    /// <summary>Counts an answer that made no generation, and notes for whom it was asked; every hit comes along here.</summary>
    public void CountAnswer(GenerationRequest request, Generation generation, CacheOutcome outcome)
    {
        if (request.EndUser is { } user)
            names.Note(request.OwnerId, user);
        var (kind, saved) = outcome switch
        {
            CacheOutcome.Hit => (UsageKind.Hit, generation.CostMicros),
            CacheOutcome.Coalesced => (UsageKind.Joined, generation.ExpectedMicros),
            _ => (UsageKind.Run, null),
        };
        if (kind != UsageKind.Run)
        {
            counts.Count(
                request.OwnerId, request.EndUser, generation.Id, kind, new(generation.Model, generation.Upstream, saved ?? 0));
        }
    }

    /// <summary>
    /// Books a generation that has just reached a terminal status. A second line is never written, even if the row was edited by hand in
    /// between.
    /// </summary>
    /// <param name="db">The writer's.</param>
    /// <param name="row">As it is now.</param>
    /// <param name="images">How many images are stored with it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static Task BookAsync(GenApiDbContext db, Generation row, int images, CancellationToken cancellationToken) =>
        UsageEntry.Rows.TryInsertLaterAsync(
            db, Line(row, images),
            () => BudgetReservations.SettleAsync(
                db, new(row.OwnerId, row.EndUser), row.Upstream, row.EstimatedMicros, row.CostMicros, row.CreatedAt, cancellationToken),
            cancellationToken);

    /// <summary>Counts the runs that used a free one and those that still may.</summary>
    private async Task<bool> IsFreeAsync(GenApiDbContext db, string upstream, CancellationToken cancellationToken) =>
        options.Value.FreeRuns > 0
        && await db.Set<UsageEntry>().CountAsync(entry => entry.IsFree && entry.Upstream == upstream, cancellationToken)
            + await db.Set<Generation>()
                .CountAsync(row => row.CompletedAt == null && row.IsFree && row.Upstream == upstream, cancellationToken)
            < options.Value.FreeRuns;

    /// <summary>Makes the line of the ledger for a generation that has ended.</summary>
    public static UsageEntry Line(Generation row, int images) => new()
    {
        At = row.CompletedAt!.Value,
        AcceptedAt = row.CreatedAt,
        AccountId = row.OwnerId,
        EndUser = row.EndUser ?? "",
        Model = row.Model,
        Upstream = row.Upstream,
        Kind = UsageKind.Run,
        GenerationId = row.Id,
        Status = row.Status.Word(),
        Count = 1,
        Images = images,
        PredictMilliseconds = (long)Math.Round((row.PredictSeconds ?? 0) * 1000),
        DurationMilliseconds = Math.Max(0, (long)(row.CompletedAt.Value - row.CreatedAt).TotalMilliseconds),
        CostMicros = row.CostMicros,
        IsFree = row.IsFree,
    };
}
