using System.Globalization;
using GenApi.Core.Models.Settings;
using Microsoft.Extensions.Options;

namespace GenApi.Core.KeepWarm;

/// <summary>Refuses a start with unusable keep-warm settings, with one sentence for each key.</summary>
internal sealed class KeepWarmSettings : IValidateOptions<ModelOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelOptions options)
    {
        var failures = options.Aliases.SelectMany(alias => Failures(alias.Key, alias.Value, options)).ToList();
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static List<string> Failures(string alias, ModelAlias entry, ModelOptions options)
    {
        var failures = new List<string>();
        if (entry.KeepWarm is not { } settings)
            return failures;
        KeepWarmSchedule.Read(settings, Refuse);
        if (settings.EveryMinutes is < 1 or > KeepWarmOptions.LongestMinutes)
            Refuse(nameof(settings.EveryMinutes), $"must be from 1 to {KeepWarmOptions.LongestMinutes}; it is {settings.EveryMinutes}");
        if (settings.DailyLimitUsd is < 0 or > PriceOptions.HighestUsd || (settings.Enabled && settings.DailyLimitUsd == 0))
        {
            Refuse(nameof(settings.DailyLimitUsd), string.Create(
                CultureInfo.InvariantCulture,
                $"must be US dollars above 0 and at most {PriceOptions.HighestUsd}, since every run is billed; "
                    + $"it is {settings.DailyLimitUsd}"));
        }
        var other = options.Aliases.FirstOrDefault(each => each.Key != alias && each.Value.KeepWarm is { Enabled: true }
            && each.Value.Model.Equals(entry.Model, StringComparison.OrdinalIgnoreCase));
        if (settings.Enabled && other.Key is not null && string.CompareOrdinal(alias, other.Key) > 0)
            Refuse(nameof(settings.Enabled), $"must be false: the alias {other.Key} already keeps the same model warm");
        return failures;

        void Refuse(string key, string sentence) =>
            failures.Add($"{ModelOptions.Section}:Aliases:{alias}:{nameof(ModelAlias.KeepWarm)}:{key} {sentence}.");
    }
}
