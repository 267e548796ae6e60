using GenApi.Core.Persistence;

namespace GenApi.Core.Accounts;

/// <summary>How accounts are named in reports: a key by its id, those that have no key by a word.</summary>
public static class AccountNames
{
    private static readonly (Guid Id, string Word)[] Fixed =
    [
        (FixedAccounts.AdminKeyId, "admin-key"), (FixedAccounts.OpenId, "open"), (FixedAccounts.AnonymousId, "anonymous"), (FixedAccounts.KeepWarmId, "keep-warm"),
        // What was made before there were accounts.
        (Guid.Empty, "before-accounts"),
    ];

    /// <summary>The words, beside <c>key_…</c>.</summary>
    public static IEnumerable<string> Words => Fixed.Select(each => each.Word);

    /// <summary>Whether the defaults of budgets hold for it: what keeps models warm has a limit of its own.</summary>
    internal static bool HasDefaults(Guid account) => account != FixedAccounts.KeepWarmId;

    public static string Of(Guid account) => Fixed.FirstOrDefault(each => each.Id == account).Word ?? PublicId.Format(PublicId.Key, account);

    /// <summary>Whether it is the account of a key, that of the settings too.</summary>
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
