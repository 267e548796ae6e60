using Microsoft.Extensions.Options;

namespace GenApi.Core.Models;

/// <summary>One sentence per unusable setting, each beginning with its key.</summary>
internal sealed class ModelOptionsValidator : IValidateOptions<ModelOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelOptions options)
    {
        var failures = new List<string>();
        foreach (var (alias, entry) in options.Aliases)
        {
            var key = $"{ModelOptions.Section}:Aliases:{alias}";
            if (!ModelReference.TryParse(alias, out var shortName) || !shortName.IsAlias)
                failures.Add($"{key}: an alias has 1 to {ModelReference.LongestPart} letters, digits, '-', '_' and '.', and begins with a letter or digit.");
            if (!ModelReference.TryParse(entry.Model, out var model) || model.IsAlias)
                failures.Add($"{key}: '{entry.Model}' is not a model. Allowed: owner/name or owner/name:version with a version of 64 hexadecimal digits.");
        }
        if (!ModelReference.TryParse(options.Default, out var wanted))
            failures.Add($"{ModelOptions.Section}:Default: '{options.Default}' is not {ModelReference.Allowed}.");
        else if (wanted.IsAlias && !options.Aliases.ContainsKey(options.Default))
            failures.Add($"{ModelOptions.Section}:Default: there is no alias '{options.Default}'. Known: {string.Join(", ", options.Aliases.Keys)}.");
        else if (!wanted.IsAlias && !options.AllowAny)
            failures.Add($"{ModelOptions.Section}:Default: '{options.Default}' is no alias, and {ModelOptions.Section}:AllowAny is false.");
        if (options.RefreshMinutes is < 1 or > ModelOptions.LongestRefreshMinutes)
            failures.Add($"{ModelOptions.Section}:RefreshMinutes: {options.RefreshMinutes} is not allowed. Allowed: 1 to {ModelOptions.LongestRefreshMinutes}.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
