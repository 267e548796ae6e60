using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Prices;
using Microsoft.Extensions.Options;

namespace GenApi.Core.KeepWarm;

/// <summary>Finds the cheapest way to run each model, and its worst cost. A model that is already known causes no upstream call.</summary>
internal sealed class KeepWarmRecipes(ModelCatalogue catalogue, ModelSource source, Pricing pricing, IOptions<GenerationOptions> options)
{
    /// <summary>Sets the recipe or the problem of a target.</summary>
    /// <exception cref="GenApiException">The model can't be read at present.</exception>
    public async Task PrepareAsync(KeepWarmTarget target, CancellationToken cancellationToken)
    {
        var model = await catalogue.ResolveAsync(target.Alias, cancellationToken);
        var input = target.Recipe is { } before && before.Model == model ? before.Input : null;
        if (input is null)
        {
            var described = await source.FindAsync(target.Reference with { Version = null }, cancellationToken);
            (input, var whyNot) = CheapestInput.Of(
                model.Input, described?.Example is { } example ? ModelExample.Parse(example).Input : null);
            if (input is null)
            {
                target.Hinder(new("no_input", whyNot!));
                return;
            }
        }
        // Every time: the worst cost follows from the runs seen so far.
        var estimate = await pricing.EstimateAsync(model, input, TimeSpan.FromSeconds(options.Value.MaxRunSeconds), cancellationToken);
        if (estimate is { Unbounded: { } why })
            target.Hinder(new("no_price", $"KeepWarm:DailyLimitUsd can't be enforced. {why}"));
        else if (estimate is { } known)
            (target.Recipe, target.Problem) = (new(model, input, known.WorstUsd), null);
        else
        {
            target.Hinder(new(
                "no_price", "The price of the model is not known, so KeepWarm:DailyLimitUsd can't be enforced. Set a price in "
                    + "Models:Prices."));
        }
    }
}
