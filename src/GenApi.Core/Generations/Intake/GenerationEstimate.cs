using GenApi.Core.Accounts.Budgets;
using GenApi.Core.Models.Prices;

namespace GenApi.Core.Generations.Intake;

/// <summary>The answer and the cost that a request would have if it were sent now.</summary>
/// <param name="Model"><c>owner/name</c>.</param>
/// <param name="Version">64 hexadecimal digits; null for an official model.</param>
/// <param name="Input">The input for the model, as a JSON object with its own names.</param>
/// <param name="Outcome">How the request would get its generation.</param>
/// <param name="Forecast">The run that it would make, as the caller may see it.</param>
/// <param name="IsFree">True if that run is one of those that cost nothing (<c>Accounts:FreeRuns</c>).</param>
/// <param name="Budgets">The budgets with a limit that the run would take from.</param>
/// <param name="Fits">
/// True if each of them has room for the worst case. The shared budget counts only once nothing is left of it, unless the caller sees
/// everything: otherwise a caller could find out what the others have spent.
/// </param>
public sealed record GenerationEstimate(
    string Model, string? Version, string Input, CacheOutcome Outcome, RunForecast Forecast, bool IsFree,
    IReadOnlyList<BudgetState> Budgets, bool Fits)
{
    /// <summary>True if the request would make a run.</summary>
    public bool IsNew => Outcome is CacheOutcome.Miss or CacheOutcome.Bypass;
}
