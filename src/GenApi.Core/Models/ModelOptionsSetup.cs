using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models;

/// <summary>Reads the section, both forms of an alias, and says in one sentence for each unusable key what is wrong with it.</summary>
internal sealed class ModelOptionsSetup(IConfiguration configuration) : IConfigureOptions<ModelOptions>, IValidateOptions<ModelOptions>
{
    private const string Prefix = ModelOptions.Section;

    public void Configure(ModelOptions options)
    {
        var section = configuration.GetSection(ModelOptions.Section);
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException unreadable)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(ModelOptions), [unreadable.Message]);
        }
        // A price set here stands alone: beside members of the one that came with GenApi it would be neither.
        foreach (var (model, price) in DefaultPrices.Models)
        {
            if (!section.GetSection($"{nameof(ModelOptions.Prices)}:{model}").Exists())
                options.Prices[model] = price;
        }
        foreach (var price in section.GetSection(nameof(ModelOptions.Prices)).GetChildren().Where(price => !price.GetChildren().Any()))
            options.Prices.Remove(price.Key);
        // The binder reads the members of an alias; a reference that stands alone, in place of an object, it passes over.
        foreach (var alias in section.GetSection(nameof(ModelOptions.Aliases)).GetChildren())
        {
            // Of a member of a dictionary that can't be read the binder says nothing.
            if (alias[nameof(ModelAlias.MaskRepaints)] is { } colour && !Enum.GetNames<MaskColour>().Contains(colour, StringComparer.OrdinalIgnoreCase))
                throw new OptionsValidationException(Options.DefaultName, typeof(ModelOptions), [$"{alias.Path}:{nameof(ModelAlias.MaskRepaints)} must be white or black; it is '{colour}'."]);
            if (alias[nameof(ModelAlias.KeepWarm)] is { Length: > 0 } word)
                throw new OptionsValidationException(Options.DefaultName, typeof(ModelOptions), [$"{alias.Path}:{nameof(ModelAlias.KeepWarm)} has members such as {nameof(KeepWarmOptions.Enabled)} and {nameof(KeepWarmOptions.DailyLimitUsd)}; it is '{word}'."]);
            var model = alias[nameof(ModelAlias.Model)] ?? alias.Value;
            if (!string.IsNullOrWhiteSpace(model))
                Entry(options, alias.Key).Model = model.Trim();
            else if (!alias.GetChildren().Any())
                options.Aliases.Remove(alias.Key);
        }
    }

    public ValidateOptionsResult Validate(string? name, ModelOptions options)
    {
        var failures = options.Aliases.SelectMany(alias => AliasFailures(alias.Key, alias.Value)).Concat(PriceList.Failures(options)).ToList();
        if (DefaultFailure(options) is { } unusable)
            failures.Add($"{Prefix}:Default {unusable}; it is '{options.Default}'.");
        if (options.RefreshMinutes is < 1 or > ModelOptions.LongestRefreshMinutes)
            failures.Add($"{Prefix}:RefreshMinutes must be from 1 to {ModelOptions.LongestRefreshMinutes}; it is {options.RefreshMinutes}.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> AliasFailures(string alias, ModelAlias entry)
    {
        if (!ModelReference.TryParse(alias, out var shortName) || !shortName.IsAlias)
            yield return $"{Prefix}:Aliases:{alias} must have a name of letters, digits, '-', '_' and '.' with a letter or digit first.";
        if (!ModelReference.TryParse(entry.Model, out var model) || model.IsAlias)
        {
            yield return $"{Prefix}:Aliases:{alias} must be owner/name or owner/name:version with a version of 64 hexadecimal digits; "
                + $"it is '{entry.Model}'.";
        }
    }

    private static string? DefaultFailure(ModelOptions options)
    {
        if (!ModelReference.TryParse(options.Default, out var model))
            return $"must be {ModelReference.Allowed}";
        var aliases = string.Join(", ", options.Aliases.Keys);
        if (model.IsAlias)
            return options.Aliases.ContainsKey(options.Default) ? null : $"must be one of the aliases ({aliases}) or a model";
        return options.AllowAny ? null : $"must be one of the aliases ({aliases}) while {Prefix}:AllowAny is false";
    }

    private static ModelAlias Entry(ModelOptions options, string alias)
    {
        if (!options.Aliases.TryGetValue(alias, out var entry))
            options.Aliases[alias] = entry = new ModelAlias();
        return entry;
    }
}
