using System.Collections.Frozen;
using GenApi.Core.Models.Settings;

namespace GenApi.Core.Models.Prices;

/// <summary>Finds configured prices by model. Prices of aliases, which name a version, come before those of the table.</summary>
internal sealed class PriceList
{
    private readonly FrozenDictionary<string, ModelPrice> _prices;

    public PriceList(ModelOptions options)
    {
        var prices = new Dictionary<string, ModelPrice>(StringComparer.OrdinalIgnoreCase);
        foreach (var (model, price) in options.Prices)
            prices[ModelReference.TryParse(model, out var reference) ? reference.ToString() : model] = Price(price, options);
        foreach (var alias in options.Aliases.Values)
        {
            if (alias.Price is { } price)
                prices[alias.Model] = Price(price, options);
        }
        _prices = prices.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <param name="model"><c>owner/name</c>.</param>
    /// <param name="version">64 hexadecimal digits; null for an official model.</param>
    public ModelPrice? Find(string model, string? version) =>
        version is not null && _prices.TryGetValue($"{model}:{version}", out var own) ? own : _prices.GetValueOrDefault(model);

    /// <summary>Reports each mistake in one sentence that begins with its key.</summary>
    public static IEnumerable<string> Failures(ModelOptions options)
    {
        foreach (var (sku, usd) in options.Hardware)
        {
            if (usd is < 0 or > PriceOptions.HighestUsd)
            {
                var key = $"{ModelOptions.Section}:Hardware:{sku}";
                yield return FormattableString.Invariant(
                    $"{key} must be US dollars per second from 0 to {PriceOptions.HighestUsd}; it is {usd}.");
            }
        }
        foreach (var (model, price) in options.Prices)
        {
            var key = $"{ModelOptions.Section}:Prices:{model}";
            if (!ModelReference.TryParse(model, out var reference) || reference.IsAlias)
            {
                yield return $"{key} must be named owner/name or owner/name:version; "
                    + "the price of an alias is Models:Aliases:<alias>:Price.";
            }
            foreach (var failure in price.Failures(key, options.Hardware))
                yield return failure;
        }
        foreach (var failure in options.Aliases.SelectMany(alias => OfAlias(alias.Key, alias.Value, options)))
            yield return failure;
    }

    private static IEnumerable<string> OfAlias(string alias, ModelAlias entry, ModelOptions options)
    {
        var key = $"{ModelOptions.Section}:Aliases:{alias}:{nameof(ModelAlias.Price)}";
        if (entry.Price is not { } price)
            yield break;
        foreach (var failure in price.Failures(key, options.Hardware))
            yield return failure;
        var other = options.Aliases.FirstOrDefault(each => each.Key != alias && each.Value.Price is not null
            && each.Value.Model.Equals(entry.Model, StringComparison.OrdinalIgnoreCase));
        if (other.Key is not null && string.CompareOrdinal(alias, other.Key) > 0)
            yield return $"{key}: the alias {other.Key} means the same model and has a price too; give it to one of them.";
    }

    private static ModelPrice Price(PriceOptions price, ModelOptions options) => new()
    {
        Hardware = price.Hardware.Length == 0 ? null : price.Hardware,
        PerSecond = price.Hardware.Length == 0 ? 0 : options.Hardware[price.Hardware],
        PerRun = price.PerRun ?? 0,
        PerImage = price.PerImage ?? 0,
        PerMegapixel = price.PerMegapixel ?? 0,
        MostImages = price.MostImages,
        MostMegapixels = price.MostMegapixels,
        Private = price.Private,
        TypicalSeconds = price.TypicalSeconds,
    };
}
