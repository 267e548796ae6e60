using GenApi.Core.Persistence;

namespace GenApi.Core.Accounts;

/// <summary>Names accounts in reports: a key by its id, an account without a key by a word.</summary>
public static class AccountNames
{
    private static readonly (Guid Id, string Word)[] Fixed =
    [
        (FixedAccounts.AdminKeyId, "admin-key"), (FixedAccounts.OpenId, "open"), (FixedAccounts.AnonymousId, "anonymous"),
        (FixedAccounts.KeepWarmId, "keep-warm"),
        // Everything from before there were accounts.
        (Guid.Empty, "before-accounts"),
    ];

    /// <summary>The words for accounts without a key; all others are <c>key_…</c>.</summary>
    public static IEnumerable<string> Words => Fixed.Select(each => each.Word);

    /// <summary>Returns whether the default budgets apply to the account. The account that keeps models warm has its own limit.</summary>
    internal static bool HasDefaults(Guid account) => account != FixedAccounts.KeepWarmId;

    public static string Of(Guid account) => WordOf(account) ?? PublicId.Format(PublicId.Key, account);

    /// <summary>Returns the word for an account without a key; null for an account of a key.</summary>
    internal static string? WordOf(Guid account)
    {
        // A loop, because every answer asks, and a closure would be garbage.
        foreach (var (id, word) in Fixed)
        {
            if (id == account)
                return word;
        }
        return null;
    }

    /// <summary>Returns whether the account belongs to a key, including the key of the settings.</summary>
    public static bool HasKey(Guid account) => account == FixedAccounts.AdminKeyId || !Array.Exists(Fixed, each => each.Id == account);

    public static bool TryParse(string text, out Guid account)
    {
        if (PublicId.TryParse(PublicId.Key, text, out account))
            return true;
        var found = Array.Find(Fixed, each => each.Word == text);
        account = found.Id;
        return found.Word is not null;
    }
}
