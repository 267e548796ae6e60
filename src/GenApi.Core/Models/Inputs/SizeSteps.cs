using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Core.Errors;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// Checks widths and heights that a model accepts only in steps, although its schema can't express it: the description says so, or the
/// pipeline is known to fail on any other size, after the machine was booted and billed.
/// </summary>
internal static partial class SizeSteps
{
    private const int LargestStep = 256;

    /// <summary>Pipelines of diffusers that end with "`height` and `width` have to be divisible by 8".</summary>
    private static readonly Dictionary<string, int> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["stability-ai/sdxl"] = 8,
        ["stability-ai/stable-diffusion"] = 8,
        ["bytedance/sdxl-lightning-4step"] = 8,
    };

    /// <param name="model">The model to run.</param>
    /// <param name="input">Its input.</param>
    /// <param name="isCommon">Whether the caller gave a side by its common name.</param>
    /// <exception cref="GenApiException">InvalidInput, naming each side that is not a multiple.</exception>
    public static void Check(ResolvedModel model, NormalisedInput input, Func<string, bool> isCommon)
    {
        var problems = new InputProblems();
        foreach (var side in (ReadOnlySpan<string>)[CommonNames.Width, CommonNames.Height])
        {
            if (input.Find(side) is not { ValueKind: JsonValueKind.Number } value || !InputCheck.TryInteger(value, out var pixels))
                continue;
            if (Of(model, side) is not { } step || pixels % step == 0)
                continue;
            var below = pixels / step * step;
            problems.Refuse(isCommon(side) ? $"$.{side}" : InputProblems.PathOf(side), below > 0
                ? $"must be a multiple of {step}, such as {below} or {below + step}; it is {pixels}"
                : $"must be a multiple of {step}, such as {step}; it is {pixels}");
        }
        problems.ThrowIfAny();
    }

    /// <summary>Returns the step of a side; null if any number of pixels will do.</summary>
    internal static int? Of(ResolvedModel model, string side) =>
        Read(model.Input.Find(side)?.Description) ?? (Known.TryGetValue(model.Reference, out var step) ? step : null);

    /// <summary>
    /// Returns the step that a description requires: "must be a multiple of 16". Null if the model rounds by itself, or the description has
    /// none.
    /// </summary>
    internal static int? Read(string? description)
    {
        if (description is null || Rounded().IsMatch(description))
            return null;
        return Demanded().Match(description) is { Success: true } match
            && int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is > 1 and <= LargestStep and var step ? step : null;
    }

    [GeneratedRegex(
        @"round|nearest|closest|recommend|prefer|best|ideal|optional|should", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Rounded();

    [GeneratedRegex(@"\b(?:multiples? of|divisible by) (\d{1,3})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Demanded();
}
