using System.Globalization;
using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Hosting.Requests;

namespace GenApi.Accounts;

/// <summary>Reads budgets: <c>{ "day": "5.00", "month": null }</c>, or <c>5.00</c> on the command line.</summary>
internal static class BudgetMembers
{
    private const string Path = "$.budgets";

    /// <summary>The allowed amounts.</summary>
    public static readonly string Allowed = string.Create(
        CultureInfo.InvariantCulture, $"US dollars from 0 to {BudgetLimits.HighestUsd:0} with at most six decimals, such as \"5.00\"");

    /// <summary>Changes the named budgets. Others stay as they are; a null in place of the object removes all limits.</summary>
    public static BudgetLimits Read(JsonElement value, BudgetLimits limits, MemberErrors errors)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return BudgetLimits.None;
        var words = BudgetSpans.All.Select(span => span.Word()).ToList();
        if (value.ValueKind != JsonValueKind.Object)
        {
            var spans = string.Join(", ", words);
            errors.Add(Path, $"'budgets' must be an object with some of {spans}, or null for no limits; it is {JsonTexts.Shown(value)}.");
            return limits;
        }
        foreach (var member in value.EnumerateObject())
        {
            var at = words.IndexOf(member.Name);
            if (at < 0)
                errors.Unknown(Path, member.Name, words);
            else if (member.Value.ValueKind == JsonValueKind.Null)
                limits = limits.With(BudgetSpans.All[at], null);
            else if (Micros(member.Value) is { } micros)
                limits = limits.With(BudgetSpans.All[at], micros);
            else
            {
                errors.Add(
                    MemberErrors.Path(Path, member.Name),
                    $"'{member.Name}' must be {Allowed}, or null for no limit; it is {JsonTexts.Shown(member.Value)}.");
            }
        }
        return limits;
    }

    /// <returns>The amount in millionths of a dollar; null if it is not allowed.</returns>
    public static long? Micros(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var usd) ? BudgetLimits.Micros(usd) : null;

    private static long? Micros(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => Micros(value.GetString()!),
        JsonValueKind.Number => value.TryGetDecimal(out var usd) ? BudgetLimits.Micros(usd) : null,
        _ => null,
    };
}
