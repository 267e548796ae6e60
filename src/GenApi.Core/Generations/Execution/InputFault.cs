using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Core.Errors;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Recognises a run that failed over the size it was asked for. That is the caller's mistake and not the model's, so the same request would
/// fail again. Only error texts say it, because no schema knows the rule: "`height` and `width` have to be divisible by 8 but are 1001 and
/// 1024."
/// </summary>
internal static partial class InputFault
{
    /// <summary>
    /// Inputs by their names, and the words for both sides. The "size of tensor a" and a "dimension out of range" are the model's own
    /// business.
    /// </summary>
    private const string Words = @"width|height|image[ _](?:size|dimensions?)|size(?! of)|resolution|aspect[ _]ratio";

    private static readonly string[] Sides = [CommonNames.Width, CommonNames.Height];

    /// <param name="message">The message that <see cref="UpstreamVerdict"/> gave the failure.</param>
    /// <param name="input">Of the generation, as JSON.</param>
    /// <returns>InvalidInput with the members at fault; null when the text is not about a size that the input names.</returns>
    public static GenApiException? Read(string message, string input)
    {
        if (!Demand().IsMatch(message))
            return null;
        var given = JsonElement.Parse(input);
        var named = Named().Matches(message)
            .SelectMany(match => Meant(match.Value.ToLowerInvariant().Replace(' ', '_'), given))
            .Where(name => given.TryGetProperty(name, out _)).Distinct().ToList();
        // Texts name both sides, whichever of them is at fault.
        if (Step().Match(message) is { Success: true } step
            && int.Parse(step.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is > 0 and var multiple)
        {
            var faulty = named.FindAll(name => IsBetween(given.GetProperty(name), multiple));
            named = faulty.Count > 0 ? faulty : named;
        }
        return named.Count == 0 ? null : new GenApiException(ErrorKind.InvalidInput, message)
        {
            Errors = named.ToDictionary(InputProblems.PathOf, _ => (string[])[message]),
        };
    }

    private static string[] Meant(string word, JsonElement given)
    {
        if (given.TryGetProperty(word, out _))
            return [word];
        return word.StartsWith("image", StringComparison.Ordinal) || word == "resolution" ? Sides : [];
    }

    private static bool IsBetween(JsonElement side, int step) =>
        side.ValueKind == JsonValueKind.Number && side.TryGetInt64(out var pixels) && pixels % step != 0;

    [GeneratedRegex(
        @"\b(?:" + Words + @")\b.{0,80}?\b(?:must|should|ha(?:s|ve) to|needs? to|not divisible|not a multiple|too (?:large|small|big)"
        + @"|exceeds?|(?:un|not )supported|invalid)\b"
        + @"|\b(?:invalid|unsupported|divisible by \d+|multiple of \d+)\b.{0,80}?\b(?:" + Words + @")\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Demand();

    [GeneratedRegex(@"\b(?:" + Words + @")\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    [GeneratedRegex(@"\b(?:divisible by|multiples? of) (\d{1,4})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Step();
}
