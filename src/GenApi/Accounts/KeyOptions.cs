using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Hosting.Verbs;

namespace GenApi.Accounts;

/// <summary>
/// The options of <c>keys create</c>. They are turned into a body of POST /accounts/keys for <see cref="KeyRequestReader"/>, so both have
/// the same rules and refuse in the same words.
/// </summary>
internal static class KeyOptions
{
    public const string Admin = "--admin";

    private const string Rights = "--rights", ExpiresAt = "--expires-at", Days = "--days";
    private const int MostDays = 36_500;

    /// <summary>The member of each option.</summary>
    private static readonly (string Option, string Path)[] Members =
    [
        ("--name", "$.name"), (Rights, "$.rights"), (ExpiresAt, "$.expires_at"), ("--requests-per-minute", "$.requests_per_minute"),
        ("--generations-per-minute", "$.generations_per_minute"), ("--day-budget", "$.budgets.day"),
        ("--month-budget", "$.budgets.month"), ("--total-budget", "$.budgets.total"),
        ("--end-user-day-budget", "$.end_user_budgets.day"), ("--end-user-month-budget", "$.end_user_budgets.month"),
        ("--end-user-total-budget", "$.end_user_budgets.total"),
    ];

    public static IReadOnlyList<VerbOption> All { get; } =
    [
        new("--name", "name", $"the purpose of the key, in 1 to {KeyTerms.LongestName} characters") { IsRequired = true },
        new(Rights, "right[,right…]", $"some of {string.Join(", ", KeyRightsWords.All)}; default generate,read"),
        new(Admin, null, "the rights generate, read and admin"),
        new(ExpiresAt, "time", "the end of its life, RFC 3339, such as 2030-01-31T12:00:00Z; default never"),
        new(Days, "n", $"or its life in days from now, 1 to {MostDays}"),
        new("--requests-per-minute", "n", "0: no limit; default as in the settings"),
        new("--generations-per-minute", "n", "the same for new generations"),
        new("--day-budget", "usd", "the most it may spend in a day (UTC), such as 5.00; default as in the settings"),
        new("--month-budget", "usd", "the same for a month"),
        new("--total-budget", "usd", "the same altogether"),
        new("--end-user-day-budget", "usd", "the most that each end user of the key may spend in a day (UTC); default no limit"),
        new("--end-user-month-budget", "usd", "the same for a month"),
        new("--end-user-total-budget", "usd", "the same altogether"),
    ];

    /// <exception cref="GenApiException">InvalidRequest; the message names every wrong option and the allowed values.</exception>
    public static KeyTerms Read(IReadOnlyDictionary<string, string> options, DateTimeOffset now)
    {
        if (options.ContainsKey(Admin) && options.ContainsKey(Rights))
            throw Refused($"{Admin} and {Rights} exclude each other: give one of them.");
        if (options.ContainsKey(Days) && options.ContainsKey(ExpiresAt))
            throw Refused($"{Days} and {ExpiresAt} exclude each other: give one of them.");
        var body = new JsonObject();
        foreach (var (option, path) in Members)
        {
            if (options.TryGetValue(option, out var text))
                Set(body, path, option == Rights ? RightsOf(text) : Value(path, text));
        }
        if (options.ContainsKey(Admin))
            body["rights"] = new JsonArray("generate", "read", "admin");
        if (options.TryGetValue(Days, out var days))
            body["expires_at"] = After(days, now);
        try
        {
            return new KeyRequestReader(JsonElement.Parse(body.ToJsonString()), now).ReadNew();
        }
        catch (GenApiException refusal) when (refusal.Errors.Count > 0)
        {
            var sentences = refusal.Errors.SelectMany(error => error.Value.Select(sentence => $"{OptionOf(error.Key)}: {sentence}"));
            throw Refused(string.Join('\n', sentences));
        }
    }

    private static void Set(JsonObject body, string path, JsonNode value)
    {
        var names = path.Split('.')[1..];
        foreach (var name in names[..^1])
            body = (JsonObject)(body[name] ??= new JsonObject());
        body[names[^1]] = value;
    }

    private static JsonArray RightsOf(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries).Select(right => JsonValue.Create(right))];

    /// <summary>Returns a number for a numeric member. Any other text stays text, and the reader refuses it.</summary>
    private static JsonValue Value(string path, string text)
    {
        const NumberStyles form = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        var isNumeric = path.EndsWith("_per_minute", StringComparison.Ordinal);
        return isNumeric && decimal.TryParse(text, form, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text);
    }

    private static string After(string text, DateTimeOffset now) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= MostDays
            ? now.AddDays(days).UtcDateTime.ToString("O", CultureInfo.InvariantCulture)
            : throw Refused($"{Days} takes a whole number from 1 to {MostDays}.");

    private static string OptionOf(string path) => Array.Find(Members, member => member.Path == path).Option ?? path;

    private static GenApiException Refused(string sentences) => new(ErrorKind.InvalidRequest, sentences);
}
