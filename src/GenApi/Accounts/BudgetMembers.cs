using System.Globalization;
using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Hosting.Requests;

namespace GenApi.Accounts;

/// <summary>Reads budgets: <c>{ "day": "5.00", "month": null }</c>, or <c>5.00</c> on the command line.</summary>
internal static class BudgetMembers
{
    /// <summary>The allowed amounts.</summary>
    public static readonly string Allowed = string.Create(
        CultureInfo.InvariantCulture, $"US dollars from 0 to {BudgetLimits.HighestUsd:0} with at most six decimals, such as \"5.00\"");

    /// <summary>Changes the named budgets. Others stay as they are; a null in place of the object removes all limits.</summary>
    /// <param name="member">A member of the body: <c>budgets</c> or <c>end_user_budgets</c>.</param>
    /// <param name="limits">The limits before.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static BudgetLimits Read(JsonProperty member, BudgetLimits limits, MemberErrors errors)
    {
        var value = member.Value;
        var path = MemberErrors.Path("$", member.Name);
        if (value.ValueKind == JsonValueKind.Null)
            return BudgetLimits.None;
        var words = BudgetSpans.All.Select(span => span.Word()).ToList();
        if (value.ValueKind != JsonValueKind.Object)
        {
            var spans = string.Join(", ", words);
            errors.Add(
                path, $"'{member.Name}' must be an object with some of {spans}, or null for no limits; it is {JsonTexts.Shown(value)}.");
            return limits;
        }
        foreach (var budget in value.EnumerateObject())
        {
            var at = words.IndexOf(budget.Name);
            if (at < 0)
                errors.Unknown(path, budget.Name, words);
            else if (budget.Value.ValueKind == JsonValueKind.Null)
                limits = limits.With(BudgetSpans.All[at], null);
            else if (Micros(budget.Value) is { } micros)
                limits = limits.With(BudgetSpans.All[at], micros);
            else
            {
                errors.Add(
                    MemberErrors.Path(path, budget.Name),
                    $"'{budget.Name}' must be {Allowed}, or null for no limit; it is {JsonTexts.Shown(budget.Value)}.");
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
