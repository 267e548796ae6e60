using System.Text.Json;
using GenApi.Accounts.Contracts;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.Requests;

namespace GenApi.Accounts;

/// <summary>Reads the body of POST and PATCH /accounts/keys strictly: a limit with a typo would not hold.</summary>
internal sealed class KeyRequestReader(JsonElement body, DateTimeOffset now)
{
    public const KeyRights ByDefault = KeyRights.Generate | KeyRights.Read;

    private readonly MemberErrors _errors = new();

    public static IReadOnlyList<string> Members { get; } = [.. ContractMember.Of<KeyRequest>().Select(member => member.Name)];

    /// <exception cref="GenApiException">InvalidRequest, with all errors.</exception>
    public KeyTerms ReadNew()
    {
        var terms = Read(new KeyTerms("", ByDefault, null));
        if (body.ValueKind == JsonValueKind.Object && !body.TryGetProperty("name", out _))
            _errors.Add("$.name", "'name' is missing: give the purpose of the key.");
        _errors.ThrowIfAny();
        return terms;
    }

    /// <returns>The change, which applies to the current terms.</returns>
    /// <exception cref="GenApiException">InvalidRequest, with all errors.</exception>
    public Func<KeyTerms, KeyTerms> ReadChange()
    {
        Read(new KeyTerms("", ByDefault, null));
        if (body.ValueKind == JsonValueKind.Object && body.GetPropertyCount() == 0)
            _errors.Add("$", $"nothing to change is named. Allowed: {string.Join(", ", Members)}.");
        _errors.ThrowIfAny();
        return Read;
    }

    private KeyTerms Read(KeyTerms terms)
    {
        if (body.ValueKind != JsonValueKind.Object)
        {
            _errors.Add("$", "the body must be a JSON object.");
            return terms;
        }
        JsonTexts.Check(body, _errors);
        _errors.ThrowIfAny();
        JsonTexts.CheckDuplicates(body, _errors);
        foreach (var member in body.EnumerateObject())
        {
            terms = member.Name switch
            {
                "name" => terms with { Name = Name(member.Value) },
                "rights" => terms with { Rights = Rights(member.Value) },
                "expires_at" => terms with { ExpiresAt = ExpiresAt(member.Value) },
                "requests_per_minute" => terms with { RequestsPerMinute = PerMinute(member) },
                "generations_per_minute" => terms with { GenerationsPerMinute = PerMinute(member) },
                "budgets" => terms with { Budgets = BudgetMembers.Read(member, terms.Budgets, _errors) },
                "end_user_budgets" => terms with { EndUserBudgets = BudgetMembers.Read(member, terms.EndUserBudgets, _errors) },
                _ => Unknown(member.Name, terms),
            };
        }
        return terms;
    }

    private KeyTerms Unknown(string name, KeyTerms terms)
    {
        _errors.Unknown("$", name, Members);
        return terms;
    }

    private string Name(JsonElement value)
    {
        var name = value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : "";
        if (name.Length == 0 || !Characters.AreAtMost(name, KeyTerms.LongestName) || name.Any(char.IsControl))
        {
            _errors.Add(
                "$.name",
                $"'name' must be a string of 1 to {KeyTerms.LongestName} characters in one line; it is {JsonTexts.Shown(value)}.");
        }
        return name;
    }

    private KeyRights Rights(JsonElement value)
    {
        var words = string.Join(", ", KeyRightsWords.All);
        var rights = KeyRights.None;
        foreach (var item in value.ValueKind == JsonValueKind.Array ? value.EnumerateArray().ToArray() : [])
        {
            var right = item.ValueKind == JsonValueKind.String ? KeyRightsWords.Parse(item.GetString()!) : KeyRights.None;
            if (right == KeyRights.None)
                _errors.Add("$.rights", $"a right must be one of {words}; it is {JsonTexts.Shown(item)}.");
            rights |= right;
        }
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
            _errors.Add("$.rights", $"'rights' must be a list with at least one of {words}; it is {JsonTexts.Shown(value)}.");
        return rights;
    }

    private int? PerMinute(JsonProperty member)
    {
        if (member.Value.ValueKind == JsonValueKind.Null)
            return null;
        if (member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetDecimal(out var number)
            && number == decimal.Truncate(number) && number is >= 0 and <= KeyTerms.MostPerMinute)
            return (int)number;
        _errors.Add(
            $"$.{member.Name}",
            $"'{member.Name}' must be a whole number from 0 (no limit) to {KeyTerms.MostPerMinute}, or null for the settings' limit; "
            + $"it is {JsonTexts.Shown(member.Value)}.");
        return null;
    }

    private DateTimeOffset? ExpiresAt(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null)
            return null;
        if (value.ValueKind == JsonValueKind.String && Rfc3339.TryParse(value.GetString(), out var at) && at > now)
            return at;
        _errors.Add(
            "$.expires_at",
            "'expires_at' must be an RFC 3339 time in the future such as 2030-01-31T12:00:00Z, or null for never; "
            + $"it is {JsonTexts.Shown(value)}.");
        return null;
    }
}
