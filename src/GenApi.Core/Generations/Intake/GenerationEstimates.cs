using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Models.Prices;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// Says what a request would get and cost, by the same steps as <see cref="GenerationIntake"/>: resolve, look into memory, prepare, read
/// and decide. It applies nothing: no row, no file, no use, no count and no permit.
/// </summary>
internal sealed class GenerationEstimates(
    RequestResolver resolver, IntakeReader reader, GenerationCache cache, GenerationLedger ledger, RunForecasts forecasts,
    BudgetReservations budgets, ReplicateUpstream upstream, IDbContextFactory<GenApiDbContext> contexts,
    IOptions<GenerationOptions> options)
{
    /// <summary>Estimates a request.</summary>
    /// <exception cref="Errors.GenApiException">
    /// The problem that the request itself would meet now, except BudgetExhausted: <see cref="GenerationEstimate.Fits"/> says that. The
    /// upstream is asked only about a model that is not known yet.
    /// </exception>
    public async Task<GenerationEstimate> EstimateAsync(GenerationRequest sent, Caller caller, CancellationToken cancellationToken)
    {
        var request = sent with { IsEstimate = true };
        var resolved = await resolver.ResolveAsync(request, cancellationToken);
        var outcome = CacheOutcome.Hit;
        if (!IsInMemory(request, resolved))
        {
            if (resolved.Fault is null)
                resolved = await resolver.CheckAsync(resolved, cancellationToken);
            outcome = await DecideAsync(request, resolved, cancellationToken);
        }
        var longest = TimeSpan.FromSeconds(options.Value.MaxRunSeconds);
        var forecast = await forecasts.OfAsync(resolved.Model, resolved.Input, longest, caller.SeesAll, cancellationToken);
        var payer = new BudgetPayer(request.OwnerId, request.EndUser?.Id);
        var states = await budgets.ReadAsync(payer, upstream.Name, cancellationToken);
        var estimate = new GenerationEstimate(
            resolved.Model.Reference, resolved.Model.Version, resolved.Input.ToJson(), outcome, forecast, IsFree: false,
            [.. states.Where(state => state.LimitMicros is not null)], Fits: true);
        return estimate.IsNew ? await WithCostAsync(estimate, resolved.ToNew(request.OwnerId), caller, cancellationToken) : estimate;
    }

    private bool IsInMemory(GenerationRequest request, ResolvedRequest resolved) =>
        request.IdempotencyKey is null && resolved.AnswerKey is { } key && cache.PeekAnswer(key) is { } details && reader.IsWhole(details);

    private async Task<CacheOutcome> DecideAsync(GenerationRequest request, ResolvedRequest resolved, CancellationToken cancellationToken)
    {
        var facts = await contexts.ReadAsync(db => reader.ReadAsync(db, request, resolved, cancellationToken), cancellationToken);
        var decision = IntakeDecision.Of(facts);
        if (decision is IntakeDecision.Insert && reader.HasUnseenFiles(resolved))
            await reader.RequireFilesAsync(resolved, cancellationToken);
        return decision switch
        {
            IntakeDecision.Existing existing => existing.Submission.Outcome,
            IntakeDecision.Insert insert => insert.Outcome,
            IntakeDecision.Refuse refusal => throw refusal.Problem,
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    /// <summary>Compares the worst case of a new run with what is left, as the reservation would.</summary>
    private async Task<GenerationEstimate> WithCostAsync(
        GenerationEstimate estimate, NewGeneration made, Caller caller, CancellationToken cancellationToken)
    {
        made = await contexts.ReadAsync(db => ledger.WithFreeAsync(db, made, cancellationToken), cancellationToken);
        budgets.RequireBound(estimate.Budgets.Count > 0, made.WorstMicros, made.Unbounded);
        var worst = made.WorstMicros ?? 0;
        return estimate with
        {
            IsFree = made.IsFree,
            Fits = estimate.Budgets.All(state =>
                (state.IsOfAll && !caller.SeesAll ? Math.Min(worst, 1) : worst) <= state.LeftMicros),
        };
    }
}
