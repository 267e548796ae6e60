using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Hosting.Verbs;

namespace GenApi.Accounts;

/// <summary>
/// The options of <c>keys create</c>. They say what the body of POST /accounts/keys says, so they are made into one and read by <see cref="KeyRequestReader"/>: what
/// is allowed there is allowed here, and refused in the same words.
/// </summary>
internal static class KeyOptions
{
    public const string Admin = "--admin";

    private const string Rights = "--rights", ExpiresAt = "--expires-at", Days = "--days";
    private const int MostDays = 36_500;

    /// <summary>Which member each option is.</summary>
    private static readonly (string Option, string Path)[] Members =
    [
        ("--name", "$.name"), (Rights, "$.rights"), (ExpiresAt, "$.expires_at"), ("--requests-per-minute", "$.requests_per_minute"), ("--generations-per-minute", "$.generations_per_minute"),
        ("--day-budget", "$.budgets.day"), ("--month-budget", "$.budgets.month"), ("--total-budget", "$.budgets.total"),
    ];

    public static IReadOnlyList<VerbOption> All { get; } =
    [
        new("--name", "name", $"what the key is for, in 1 to {KeyTerms.LongestName} characters") { IsRequired = true },
        new(Rights, "right[,right…]", $"some of {string.Join(", ", KeyRightsWords.All)}; generate,read when absent"),
        new(Admin, null, "the rights generate, read and admin"),
        new(ExpiresAt, "time", "RFC 3339, such as 2030-01-31T12:00:00Z; never when absent"),
        new(Days, "n", $"or so many days from now, 1 to {MostDays}"),
        new("--requests-per-minute", "n", "0: no limit; as the settings say when absent"),
        new("--generations-per-minute", "n", "the same for generations that are made"),
        new("--day-budget", "usd", "what it may spend in a day (UTC), such as 5.00; as the settings say when absent"),
        new("--month-budget", "usd", "the same for a month"),
        new("--total-budget", "usd", "the same altogether"),
    ];

    /// <exception cref="GenApiException">InvalidRequest; its message names every option that is wrong and what is allowed.</exception>
    public static KeyTerms Read(IReadOnlyDictionary<string, string> options, DateTimeOffset now)
    {
        if (options.ContainsKey(Admin) && options.ContainsKey(Rights))
            throw Refused($"{Admin} and {Rights} say the same: give one of them.");
        if (options.ContainsKey(Days) && options.ContainsKey(ExpiresAt))
            throw Refused($"{Days} and {ExpiresAt} say the same: give one of them.");
        var body = new JsonObject();
        foreach (var (option, path) in Members)
        {
            if (options.TryGetValue(option, out var text))
                Set(body, path, option == Rights ? new JsonArray([.. text.Split(',', StringSplitOptions.TrimEntries).Select(right => JsonValue.Create(right))]) : Value(path, text));
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
            throw Refused(string.Join('\n', refusal.Errors.SelectMany(error => error.Value.Select(sentence => $"{OptionOf(error.Key)}: {sentence}"))));
        }
    }

    private static void Set(JsonObject body, string path, JsonNode value)
    {
        var names = path.Split('.')[1..];
        foreach (var name in names[..^1])
            body = (JsonObject)(body[name] ??= new JsonObject());
        body[names[^1]] = value;
    }

    /// <summary>A number where the member is one; what is none stays text, and is refused as such.</summary>
    private static JsonValue Value(string path, string text) =>
        path.EndsWith("_per_minute", StringComparison.Ordinal) && decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            ? JsonValue.Create(number)
            : JsonValue.Create(text);

    private static string After(string text, DateTimeOffset now) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) && days is > 0 and <= MostDays
        ? now.AddDays(days).UtcDateTime.ToString("O", CultureInfo.InvariantCulture)
        : throw Refused($"{Days} takes a whole number from 1 to {MostDays}.");

    private static string OptionOf(string path) => Array.Find(Members, member => member.Path == path).Option ?? path;

    private static GenApiException Refused(string sentences) => new(ErrorKind.InvalidRequest, sentences);
}
