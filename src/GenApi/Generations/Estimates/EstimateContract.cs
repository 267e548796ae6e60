using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Models.Timings;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Generations.Estimates;

[Description("What a request would get and cost if it were sent now. Amounts are US dollars in a string.")]
internal sealed record EstimateContract
{
    [Description("`owner/name`.")]
    public required string Model { get; init; }

    [Description("The version that would run. Null for official models, which run by name.")]
    public required string? Version { get; init; }

    [Description("The checked input for the model, with its own names and without a seed that GenApi would pick. Of a data URI it has "
        + "only the beginning.")]
    public required JsonElement Input { get; init; }

    [Description("`hit`: a stored answer serves it. `join`: it would share a run that is under way. `no`: it would make a run.")]
    [Words("EstimateCached", "hit", "join", "no")]
    public required string Cached { get; init; }

    [Description("What it would cost: nothing for `hit` and `join`. Null: no price is known for the model.")]
    public required EstimateCostContract? Cost { get; init; }

    [Description("How long the model usually runs for such an input, without waiting and booting. Null: not known yet.")]
    public required double? TypicalSeconds { get; init; }

    [Description("`warm`: a run would probably start at once. `cold`: a machine would boot first. `unknown`: no run seen here indicates "
        + "either after so long a pause.")]
    [Words("ModelState", typeof(Warmth))]
    public required string State { get; init; }

    [Description("How long a run of this model usually waits for its start when a machine has to boot. Null: not seen.")]
    public required double? BootSeconds { get; init; }

    [Description("The budgets with a limit that a run would take from.")]
    public required IReadOnlyList<EstimateBudgetContract> Budgets { get; init; }

    [Description("Whether each of them has room for the worst case. If not, the request would be refused with `budget_exhausted`. "
        + "Always true for `hit` and `join`. Without the right `admin`, the budget of the whole service counts only once nothing is left "
        + "of it.")]
    public required bool Fits { get; init; }

    public static EstimateContract Of(GenerationEstimate estimate, bool seesAll) => new()
    {
        Model = estimate.Model,
        Version = estimate.Version,
        Input = Shown(estimate.Input),
        Cached = estimate.Outcome switch
        {
            CacheOutcome.Hit => "hit",
            CacheOutcome.Coalesced => "join",
            _ => "no",
        },
        Cost = EstimateCostContract.Of(estimate),
        TypicalSeconds = Seconds(estimate.Forecast.Seconds),
        State = estimate.Forecast.State switch
        {
            Warmth.Warm => "warm",
            Warmth.Cold => "cold",
            _ => "unknown",
        },
        BootSeconds = Seconds(estimate.Forecast.BootSeconds),
        Budgets = [.. estimate.Budgets.Select(state => EstimateBudgetContract.From(state, seesAll))],
        Fits = estimate.Fits,
    };

    private static JsonElement Shown(string input) => input.Contains("\"data:", StringComparison.OrdinalIgnoreCase)
        ? JsonSerializer.SerializeToElement(GenerationRendering.WithoutFiles(JsonNode.Parse(input)!))
        : JsonElement.Parse(input);

    /// <summary>Rounds to tenths of a millisecond, because the sandbox is fast.</summary>
    private static double? Seconds(double? seconds) => seconds is { } known ? Math.Round(known, 4) : null;
}

[Description("What a request would cost by the operator's price table, in US dollars.")]
internal sealed record EstimateCostContract
{
    [Description("The usual cost of such a run. Null: the model is billed by time, and no run has shown how long it takes. Without the "
        + "right `admin`, a cost by time comes from runs that ended before this hour began, in two digits.")]
    public required string? ExpectedUsd { get; init; }

    [Description("The most that such a run may cost, which is what a budget reserves for it. Without the right `admin`, from the same "
        + "runs, rounded up.")]
    public required string WorstUsd { get; init; }

    [Description("Why the cost may still be higher, and what would limit it. Absent: it can't be higher.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Unbounded { get; init; }

    /// <summary>Returns the cost of the request; null if no price is known.</summary>
    public static EstimateCostContract? Of(GenerationEstimate estimate)
    {
        if (!estimate.IsNew || estimate.IsFree)
            return new() { ExpectedUsd = "0", WorstUsd = "0" };
        return estimate.Forecast.Cost is not { } cost ? null : new()
        {
            ExpectedUsd = cost.ExpectedUsd is { } usd ? MicroDollars.ToText(MicroDollars.Of(usd)) : null,
            WorstUsd = MicroDollars.ToText(MicroDollars.AtLeast(cost.WorstUsd)),
            Unbounded = cost.Unbounded,
        };
    }
}

[Description("What is left of a budget.")]
internal sealed record EstimateBudgetContract
{
    [Description("`key`: your own budget. `end_user`: the budget of the end user that the request names. `all`: the budget of the whole "
        + "service.")]
    [Words("BudgetOwner", "key", "end_user", "all")]
    public required string Of { get; init; }

    [Description("The period.")]
    [Words("BudgetSpan", typeof(BudgetSpan))]
    public required string Span { get; init; }

    [Description("The limit.")]
    public required string LimitUsd { get; init; }

    [Description("What is neither spent nor reserved for unfinished generations; at least 0. Null for the budget of the whole service, "
        + "unless the key has the right `admin`.")]
    public required string? LeftUsd { get; init; }

    [Description("When the next day or month begins (UTC). Null for `total`.")]
    public required DateTime? ResetsAt { get; init; }

    public static EstimateBudgetContract From(BudgetState state, bool seesAll) => new()
    {
        Of = state.IsOfAll ? "all" : state.EndUser is null ? "key" : "end_user",
        Span = state.Span.Word(),
        LimitUsd = MicroDollars.ToText(state.LimitMicros!.Value),
        LeftUsd = state.IsOfAll && !seesAll ? null : MicroDollars.ToText(Math.Max(0, state.LeftMicros!.Value)),
        ResetsAt = state.ResetsAt?.UtcDateTime,
    };
}
