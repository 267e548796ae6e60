using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Core.Errors;
using GenApi.Core.Models;

namespace GenApi.Core.Generations;

/// <summary>
/// A run that failed over the size it was asked for: the caller's mistake and not the model's, so trying again as it is would fail again. Said by error texts alone,
/// because no schema knows it: "`height` and `width` have to be divisible by 8 but are 1001 and 1024."
/// </summary>
internal static partial class InputFault
{
    private static readonly string[] Sides = [CommonNames.Width, CommonNames.Height];

    /// <param name="message">What <see cref="UpstreamVerdict"/> made of the failure.</param>
    /// <param name="input">Of the generation, as JSON.</param>
    /// <returns>InvalidInput with the members that are to blame; null when the text is not about a size that the input names.</returns>
    public static GenApiException? Read(string message, string input)
    {
        if (!Demand().IsMatch(message))
            return null;
        var given = JsonElement.Parse(input);
        var named = Named().Matches(message).Select(match => match.Value.ToLowerInvariant().Replace(' ', '_')).Distinct()
            .SelectMany(word => given.TryGetProperty(word, out _) ? [word] : word is CommonNames.Width or CommonNames.Height ? (string[])[] : Sides)
            .Where(name => given.TryGetProperty(name, out _)).Distinct().ToList();
        // Texts name both sides, whichever is at fault.
        if (Step().Match(message) is { Success: true } step && int.Parse(step.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is > 0 and var multiple)
        {
            var faulty = named.Where(name => given.GetProperty(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var pixels) && pixels % multiple != 0).ToList();
            named = faulty.Count > 0 ? faulty : named;
        }
        return named.Count == 0 ? null : new GenApiException(ErrorKind.InvalidInput, message)
        {
            Errors = named.ToDictionary(InputProblems.PathOf, _ => (string[])[message]),
        };
    }

    [GeneratedRegex(
        @"\b(?:width|height|sides?|image size|size|resolution|dimensions?|aspect[ _]ratio)\b.{0,80}?\b(?:must|should|ha(?:s|ve) to|needs? to|not divisible|not a multiple|too (?:large|small|big)|exceeds?|(?:un|not )supported|invalid)\b"
        + @"|\b(?:invalid|unsupported|divisible by \d+|multiple of \d+)\b.{0,80}?\b(?:width|height|image size|size|resolution|dimensions?|aspect[ _]ratio)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Demand();

    [GeneratedRegex(@"\b(?:width|height|image[ _]size|size|resolution|dimensions?|sides?|aspect[ _]ratio)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Named();

    [GeneratedRegex(@"\b(?:divisible by|multiples? of) (\d{1,4})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Step();
}
