using System.Globalization;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Accounts;

/// <summary>
/// <c>keys create|list|revoke</c>, while the service runs (which notices within a second) and while it does not. The secret alone goes to stdout, so that a
/// script can take it; what else there is to say goes to stderr.
/// </summary>
internal static class KeysVerb
{
    private const string Name = "--name", Admin = "--admin", Rights = "--rights", Days = "--days", DayBudget = "--day-budget", MonthBudget = "--month-budget", TotalBudget = "--total-budget";
    private const int MostDays = 36_500;

    public static Verb Verb { get; } = new("keys", "create --name <name> [--admin | --rights generate,read,admin,metrics] [--days <n>] [--day-budget|--month-budget|--total-budget <usd>] | list | revoke <key_…>",
        "Makes, lists and revokes API keys, while the service runs too.", RunAsync)
    {
        Words = 1,
        MostWords = 2,
        Flags = [Admin],
        Options = [Name, Rights, Days, DayBudget, MonthBudget, TotalBudget],
    };

    private static Task<int> RunAsync(VerbCall call) => call.Words switch
    {
        ["create"] => CreateAsync(call),
        ["list"] => ListAsync(call),
        ["revoke", var id] => RevokeAsync(call, id),
        _ => RefuseAsync($"'{string.Join(' ', call.Words)}' is not understood."),
    };

    private static async Task<int> CreateAsync(VerbCall call)
    {
        if (!call.Options.TryGetValue(Name, out var name) || name.Trim() is not { Length: > 0 and <= KeyTerms.LongestName } trimmed || trimmed.Any(char.IsControl))
            return await RefuseAsync($"{Name} is missing or too long: say in 1 to {KeyTerms.LongestName} characters what the key is for.");
        if (ReadRights(call) is not { } rights)
            return await RefuseAsync($"{Rights} takes some of {string.Join(", ", KeyRightsWords.All)}, separated by commas, and not together with {Admin}.");
        DateTimeOffset? expiresAt = null;
        if (call.Options.TryGetValue(Days, out var text))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var days) || days is 0 or > MostDays)
                return await RefuseAsync($"{Days} takes a whole number from 1 to {MostDays}.");
            expiresAt = call.Services.GetRequiredService<TimeProvider>().GetUtcNow().AddDays(days);
        }
        var budgets = BudgetLimits.None;
        foreach (var (option, span) in new[] { (DayBudget, BudgetSpan.Day), (MonthBudget, BudgetSpan.Month), (TotalBudget, BudgetSpan.Total) })
        {
            if (!call.Options.TryGetValue(option, out var usd))
                continue;
            if (BudgetMembers.Micros(usd) is not { } micros)
                return await RefuseAsync($"{option} takes {BudgetMembers.Allowed}.");
            budgets = budgets.With(span, micros);
        }
        var made = await (await OpenAsync(call)).CreateAsync(new KeyTerms(trimmed, rights, expiresAt) { Budgets = budgets }, Actor.AtTheMachine, call.Stopping);
        var expiry = made.Key.ExpiresAt is { } at ? string.Create(CultureInfo.InvariantCulture, $", good until {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "";
        await Console.Error.WriteLineAsync($"{PublicId.Format(PublicId.Key, made.Key.Id)} '{made.Key.Name}', rights {string.Join(", ", rights.Words())}{expiry}. This is the only time that the key is shown:");
        await Console.Out.WriteLineAsync(made.Secret);
        return 0;
    }

    private static async Task<int> ListAsync(VerbCall call)
    {
        var keys = await OpenAsync(call);
        await keys.LoadAsync(call.Stopping);
        foreach (var (key, lastUsedAt) in keys.List())
        {
            await Console.Out.WriteLineAsync(string.Join('\t',
                PublicId.Format(PublicId.Key, key.Id), key.Prefix + "…", string.Join(',', key.Rights.Words()), key.Name,
                key.RevokedAt is { } revoked ? $"revoked {Date(revoked)}" : key.ExpiresAt is { } expires ? $"expires {Date(expires)}" : "never expires",
                lastUsedAt is { } used ? $"last used {Date(used)}" : "never used"));
        }
        return 0;
    }

    private static async Task<int> RevokeAsync(VerbCall call, string id)
    {
        if (!PublicId.TryParse(PublicId.Key, id, out var keyId))
            return await RefuseAsync($"'{id}' is no id of a key; `keys list` shows them.");
        var key = await (await OpenAsync(call)).RevokeAsync(keyId, Actor.AtTheMachine, call.Stopping);
        await Console.Error.WriteLineAsync($"{id} '{key.Name}' is revoked.");
        return 0;
    }

    private static KeyRights? ReadRights(VerbCall call)
    {
        if (!call.Options.TryGetValue(Rights, out var words))
            return call.Has(Admin) ? KeyRights.Generate | KeyRights.Read | KeyRights.Admin : KeyRequestReader.ByDefault;
        var rights = words.Split(',', StringSplitOptions.TrimEntries).Select(KeyRightsWords.Parse).ToList();
        return call.Has(Admin) || rights.Contains(KeyRights.None) ? null : rights.Aggregate((one, other) => one | other);
    }

    /// <exception cref="SettingException">The database can't be used.</exception>
    private static async Task<ApiKeys> OpenAsync(VerbCall call)
    {
        await call.Services.GetRequiredService<DatabaseVisit>().BeginAsync(call.Stopping);
        return call.Services.GetRequiredService<ApiKeys>();
    }

    private static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync($"{sentence}\nUsage: {Verb.Name} {Verb.Usage}");
        return 2;
    }
}
