using System.Globalization;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Accounts.Keys;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting.Verbs;

namespace GenApi.Accounts;

/// <summary>
/// <c>keys create</c>, <c>keys list</c> and <c>keys revoke</c>, whether the service runs (it notices within a second) or not. The secret
/// alone goes to stdout, so that a script can read it; everything else goes to stderr.
/// </summary>
internal static class KeysVerb
{
    public static Verb Create { get; } = new("keys create", "Makes an API key and shows its secret once.", CreateAsync)
    {
        Options = KeyOptions.All,
        Store = VerbStore.Write,
    };

    public static Verb List { get; } = new("keys list", "Lists the API keys, without their secrets.", ListAsync) { Store = VerbStore.Read };

    public static Verb Revoke { get; } = new("keys revoke", "Revokes an API key, at once and for good.", RevokeAsync)
    {
        Words = [new("key_…", "the id of the key; keys list shows it")],
        Store = VerbStore.Write,
    };

    private static async Task<int> CreateAsync(VerbCall call)
    {
        KeyTerms terms;
        try
        {
            terms = KeyOptions.Read(call.Options, call.Time.GetUtcNow());
        }
        catch (GenApiException refusal)
        {
            return await call.RefuseAsync(refusal.Message);
        }
        await call.OpenForWriteAsync(mayCreate: true);
        var made = await call.Services.GetRequiredService<ApiKeys>().CreateAsync(terms, Actor.AtTheMachine, call.Stopping);
        var expiry = made.Key.ExpiresAt is { } at
            ? string.Create(CultureInfo.InvariantCulture, $", valid until {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC")
            : "";
        var (id, rights) = (PublicId.Format(PublicId.Key, made.Key.Id), string.Join(", ", made.Key.Rights.Words()));
        await Console.Error.WriteLineAsync(
            $"{id} '{made.Key.Name}', rights {rights}{expiry}. This is the only time that the key is shown:");
        await Console.Out.WriteLineAsync(made.Secret);
        return 0;
    }

    private static async Task<int> ListAsync(VerbCall call)
    {
        await call.OpenForReadAsync();
        var keys = call.Services.GetRequiredService<ApiKeys>();
        await keys.LoadAsync(call.Stopping);
        if (!keys.HasKeys)
            await Console.Error.WriteLineAsync("There are no keys. keys create makes one.");
        foreach (var (key, lastUsedAt) in keys.List())
        {
            var end = key.RevokedAt is { } revoked ? $"revoked {Date(revoked)}"
                : key.ExpiresAt is { } expires ? $"expires {Date(expires)}"
                : "never expires";
            await Console.Out.WriteLineAsync(string.Join('\t',
                PublicId.Format(PublicId.Key, key.Id), key.Prefix + "…", string.Join(',', key.Rights.Words()), key.Name, end,
                lastUsedAt is { } used ? $"last used {Date(used)}" : "never used"));
        }
        return 0;
    }

    private static async Task<int> RevokeAsync(VerbCall call)
    {
        var id = call.Words[0];
        if (!PublicId.TryParse(PublicId.Key, id, out var keyId))
            return await call.RefuseAsync($"'{id}' is not the id of a key. An id begins with key_; keys list shows them.");
        await call.OpenForWriteAsync(mayCreate: false);
        var key = await call.Services.GetRequiredService<ApiKeys>().RevokeAsync(keyId, Actor.AtTheMachine, call.Stopping);
        await Console.Error.WriteLineAsync($"{id} '{key.Name}' is revoked.");
        return 0;
    }

    private static string Date(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture);
}
