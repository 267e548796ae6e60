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
    public static Verb Verb { get; } = new("keys", "create --name <name> [<option> …] | list | revoke <key_…>", "Makes, lists and revokes API keys, while the service runs too.", RunAsync)
    {
        Words = 1,
        MostWords = 2,
        Flags = [KeyOptions.Admin],
        Options = KeyOptions.All,
        Details = KeyOptions.Help,
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
        KeyTerms terms;
        try
        {
            terms = KeyOptions.Read(call.Options, call.Services.GetRequiredService<TimeProvider>().GetUtcNow());
        }
        catch (GenApiException refusal)
        {
            return await RefuseAsync(refusal.Message);
        }
        var made = await (await OpenAsync(call)).CreateAsync(terms, Actor.AtTheMachine, call.Stopping);
        var expiry = made.Key.ExpiresAt is { } at ? string.Create(CultureInfo.InvariantCulture, $", good until {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "";
        await Console.Error.WriteLineAsync($"{PublicId.Format(PublicId.Key, made.Key.Id)} '{made.Key.Name}', rights {string.Join(", ", made.Key.Rights.Words())}{expiry}. This is the only time that the key is shown:");
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

    /// <exception cref="SettingException">The database can't be used.</exception>
    private static async Task<ApiKeys> OpenAsync(VerbCall call)
    {
        await call.Services.GetRequiredService<DatabaseVisit>().BeginAsync(call.Stopping);
        return call.Services.GetRequiredService<ApiKeys>();
    }

    private static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);

    private static async Task<int> RefuseAsync(string sentence)
    {
        await Console.Error.WriteLineAsync($"{sentence}\nUsage: {Verb.Name} {Verb.Usage}\n{Verb.Details}");
        return 2;
    }
}
