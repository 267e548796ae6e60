using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Prices;
using Microsoft.Extensions.Options;

namespace GenApi.Core.KeepWarm;

/// <summary>Finds out how each model is run as cheaply as it can be, and what that may cost. A model that was learnt once is not asked about again.</summary>
internal sealed class KeepWarmRecipes(ModelCatalogue catalogue, ModelSource source, Pricing pricing, IOptions<GenerationOptions> options)
{
    /// <summary>Sets recipe or problem of a target to what holds now.</summary>
    /// <exception cref="GenApiException">The model can't be learnt at present.</exception>
    public async Task PrepareAsync(KeepWarmTarget target, CancellationToken cancellationToken)
    {
        var model = await catalogue.ResolveAsync(target.Alias, cancellationToken);
        var input = target.Recipe is { } before && before.Model == model ? before.Input : null;
        if (input is null)
        {
            var described = await source.FindAsync(target.Reference with { Version = null }, cancellationToken);
            (input, var whyNot) = CheapestInput.Of(model.Input, described?.Example is { } example ? ModelExample.Parse(example).Input : null);
            if (input is null)
            {
                target.Hinder(new("no_input", whyNot!));
                return;
            }
        }
        // Every time: what a run may cost follows from the runs seen.
        var estimate = await pricing.EstimateAsync(model, input, TimeSpan.FromSeconds(options.Value.MaxRunSeconds), cancellationToken);
        if (estimate is { Unbounded: { } why })
            target.Hinder(new("no_price", $"There is no telling when KeepWarm:DailyLimitUsd is reached. {why}"));
        else if (estimate is { } known)
            (target.Recipe, target.Problem) = (new(model, input, known.WorstUsd), null);
        else
            target.Hinder(new("no_price", "No price is known for the model, so there is no telling when KeepWarm:DailyLimitUsd is reached. Models:Prices takes one."));
    }
}
