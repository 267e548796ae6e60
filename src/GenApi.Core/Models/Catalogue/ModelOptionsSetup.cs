using GenApi.Core.Models.Prices;
using GenApi.Core.Models.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models.Catalogue;

/// <summary>Reads the section <c>Models</c>, including both forms of an alias, and reports each unusable key in one sentence.</summary>
internal sealed class ModelOptionsSetup(IConfiguration configuration) : IConfigureOptions<ModelOptions>, IValidateOptions<ModelOptions>
{
    private const string Prefix = ModelOptions.Section;

    public void Configure(ModelOptions options)
    {
        CheckAliases();
        try
        {
            KeyedSettings.Bind(configuration, ModelOptions.Section, options);
        }
        catch (InvalidOperationException unreadable)
        {
            throw Unusable(unreadable.Message);
        }
        // Uses one spelling from here on; a text with none of the forms is reported unchanged.
        foreach (var alias in options.Aliases.Values)
            alias.Model = ModelReference.TryParse(alias.Model, out var model) ? model.ToString() : alias.Model.Trim();
        if (!options.Aliases.ContainsKey(options.Default) && ModelReference.TryParse(options.Default, out var byDefault))
            options.Default = byDefault.ToString();
    }

    public ValidateOptionsResult Validate(string? name, ModelOptions options)
    {
        var failures = options.Aliases.SelectMany(alias => AliasFailures(alias.Key, alias.Value))
            .Concat(PriceList.Failures(options))
            .ToList();
        if (DefaultFailure(options) is { } unusable)
            failures.Add($"{Prefix}:Default {unusable}; it is '{options.Default}'.");
        if (options.RefreshMinutes is < 1 or > ModelOptions.LongestRefreshMinutes)
            failures.Add(
                $"{Prefix}:RefreshMinutes must be from 1 to {ModelOptions.LongestRefreshMinutes}; it is {options.RefreshMinutes}.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> AliasFailures(string alias, ModelAlias entry)
    {
        if (!ModelReference.TryParse(alias, out var shortName) || !shortName.Name.Equals(alias, StringComparison.OrdinalIgnoreCase))
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

    /// <summary>Reports mistakes that the binder's own message would not make clear.</summary>
    private void CheckAliases()
    {
        var path = $"{Prefix}:{nameof(ModelOptions.Aliases)}";
        foreach (var (_, alias, _, _) in KeyedSettings.Entries(configuration, path, typeof(ModelAlias)))
        {
            var colours = Enum.GetNames<MaskColour>();
            if (alias[nameof(ModelAlias.MaskRepaints)] is { } colour && !colours.Contains(colour, StringComparer.OrdinalIgnoreCase))
                throw Unusable($"{alias.Path}:{nameof(ModelAlias.MaskRepaints)} must be white or black; it is '{colour}'.");
            if (alias[nameof(ModelAlias.KeepWarm)] is { Length: > 0 } word)
            {
                throw Unusable($"{alias.Path}:{nameof(ModelAlias.KeepWarm)} has members such as {nameof(KeepWarmOptions.Enabled)} "
                    + $"and {nameof(KeepWarmOptions.DailyLimitUsd)}; it is '{word}'.");
            }
        }
    }

    private static OptionsValidationException Unusable(string sentence) => new(Options.DefaultName, typeof(ModelOptions), [sentence]);
}
