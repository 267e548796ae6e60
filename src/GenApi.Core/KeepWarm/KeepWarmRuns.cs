using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Service;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.KeepWarm;

/// <summary>
/// Makes the runs that keep models warm, as ordinary generations, and clears them when they have ended: it records the cost, deletes the
/// generation with its image, then marks the run as cleared. Each step may be repeated, so a crash between two loses nothing.
/// </summary>
internal sealed class KeepWarmRuns(
    GenerationService generations, KeepWarmLedger ledger, ILeadership leadership, IDbContextFactory<GenApiDbContext> contexts,
    TimeProvider time, SteadyClock clock)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    /// <summary>The steady clock and the wall clock may differ by less than this without being set.</summary>
    private static readonly TimeSpan Unnoticed = TimeSpan.FromSeconds(1);

    /// <summary>Returns whether a caller's generation with the model is under way, which warms the model anyway.</summary>
    public Task<bool> IsInUseAsync(KeepWarmRecipe recipe, CancellationToken cancellationToken)
    {
        var (upstream, model, version) = (ledger.Upstream, recipe.Model.Reference, recipe.Model.Version);
        return contexts.ReadAsync(
            db => db.Set<Generation>().AnyAsync(
                row => row.CompletedAt == null && row.Upstream == upstream && row.Model == model && row.Version == version
                    && row.OwnerId != FixedAccounts.KeepWarmId,
                cancellationToken),
            cancellationToken);
    }

    /// <summary>Submits a run, unless another instance has done so since this one looked.</summary>
    /// <returns>
    /// The id of the generation. Its row and its reserved cost are on the disk. Null: it is not due, or this instance no longer leads.
    /// </returns>
    /// <exception cref="GenApiException">The run is not accepted; nothing was sent or reserved.</exception>
    public async Task<Guid?> BeginAsync(KeepWarmTarget target, KeepWarmRecipe recipe, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        try
        {
            var submission = await generations.SubmitAsync(
                new GenerationRequest
                {
                    OwnerId = FixedAccounts.KeepWarmId,
                    Caller = ApiKeys.KeepWarm,
                    Model = target.Alias,
                    Input = JsonElement.Parse(recipe.Input.ToJson()),
                    Cache = CacheMode.Refresh,
                    Also = async (db, generation, token) =>
                    {
                        if (!await IsDueAsync(db, target, recipe, target.Schedule.DayOf(now), token))
                            throw new NotDueException();
                        db.Add(new KeepWarmRun
                        {
                            GenerationId = generation.Id,
                            Upstream = generation.Upstream,
                            Alias = target.Alias,
                            Day = target.Schedule.DayOf(now),
                            StartedAt = now,
                            ReservedMicros = generation.EstimatedMicros ?? MicroDollars.AtLeast(recipe.WorstUsd),
                        });
                    },
                },
                cancellationToken);
            return submission.Details.Generation.Id;
        }
        catch (NotDueException)
        {
            return null;
        }
    }

    /// <summary>
    /// Decides once more in the transaction that makes the run. It costs money, and two instances may believe that they lead: one of them
    /// was frozen and has just woken up.
    /// </summary>
    private async Task<bool> IsDueAsync(
        GenApiDbContext db, KeepWarmTarget target, KeepWarmRecipe recipe, DateOnly today, CancellationToken cancellationToken)
    {
        if (!await leadership.ConfirmAsync(db, cancellationToken))
            return false;
        var days = new Dictionary<string, DateOnly>(StringComparer.OrdinalIgnoreCase) { [target.Alias] = today };
        var account = (await ledger.ReadAsync(db, days, cancellationToken)).GetValueOrDefault(target.Alias);
        return !account.IsUnfinished && account.SpentTodayUsd + recipe.WorstUsd <= target.DailyLimitUsd
            && (account.LastAt is not { } last || target.StartedAt(last, clock) + target.Every <= clock.Now + Unnoticed);
    }

    /// <summary>Clears the runs that have ended.</summary>
    /// <returns>The generations that have not ended.</returns>
    public async Task<IReadOnlyList<Guid>> ClearAsync(CancellationToken cancellationToken)
    {
        var unfinished = new List<Guid>();
        foreach (var run in await ledger.OpenAsync(cancellationToken))
        {
            var generation = await contexts.ReadAsync(
                db => db.Set<Generation>().AsNoTracking().FirstOrDefaultAsync(row => row.Id == run.GenerationId, cancellationToken),
                cancellationToken);
            if (generation is { CompletedAt: null })
            {
                unfinished.Add(run.GenerationId);
                continue;
            }
            // A generation that was deleted, or whose cost is not known, counts as its reserved cost.
            await ledger.SettleAsync(run, generation?.CostMicros ?? run.ReservedMicros, cancellationToken);
            if (generation is not null)
                await DeleteAsync(generation.Id, cancellationToken);
            await ledger.ClearAsync(run, time.GetUtcNow(), cancellationToken);
        }
        return unfinished;
    }

    /// <summary>Returns when a generation has ended or is deleted, or after an hour.</summary>
    public async Task WaitAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await generations.WaitAsync(id, ApiKeys.KeepWarm, LongestWait, cancellationToken);
        }
        catch (GenApiException)
        {
            // It is deleted, or the database can't be read: the next round finds out which.
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            await generations.DeleteAsync(id, ApiKeys.KeepWarm, ApiKeys.KeepWarm.Name, cancellationToken);
        }
        catch (GenApiException gone) when (gone.Kind == ErrorKind.NotFound)
        {
            // Another call deleted it first.
        }
    }

    /// <summary>Leaves the transaction without a change.</summary>
    private sealed class NotDueException : Exception;
}
