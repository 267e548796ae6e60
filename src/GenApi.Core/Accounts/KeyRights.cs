namespace GenApi.Core.Accounts;

/// <summary>What a key may do.</summary>
[Flags]
public enum KeyRights
{
    None = 0,

    /// <summary>Make, cancel and delete.</summary>
    Generate = 1,

    /// <summary>Look.</summary>
    Read = 2,

    /// <summary>All of this, and the keys themselves.</summary>
    Admin = 4,

    /// <summary>Read what the service counts of itself.</summary>
    Metrics = 8,
}

/// <summary>Rights as words.</summary>
public static class KeyRightsWords
{
    /// <summary>Every word, in the order of the enumeration.</summary>
    public static IReadOnlyList<string> All { get; } = ["generate", "read", "admin", "metrics"];

    /// <summary><see cref="KeyRights.None"/> for a word that is none.</summary>
    public static KeyRights Parse(string word) => word switch
    {
        "generate" => KeyRights.Generate,
        "read" => KeyRights.Read,
        "admin" => KeyRights.Admin,
        "metrics" => KeyRights.Metrics,
        _ => KeyRights.None,
    };

    public static IReadOnlyList<string> Words(this KeyRights rights) => [.. All.Where(word => rights.HasFlag(Parse(word)))];
}
