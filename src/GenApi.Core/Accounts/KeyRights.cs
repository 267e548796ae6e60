namespace GenApi.Core.Accounts;

/// <summary>The rights of a key.</summary>
[Flags]
public enum KeyRights
{
    None = 0,

    /// <summary>Make, cancel and delete generations.</summary>
    Generate = 1,

    /// <summary>Read everything of the account.</summary>
    Read = 2,

    /// <summary>All of this, and manage the keys.</summary>
    Admin = 4,

    /// <summary>Read the metrics of the service.</summary>
    Metrics = 8,
}

/// <summary>Converts rights to words.</summary>
public static class KeyRightsWords
{
    /// <summary>Every word, in the order of the enumeration.</summary>
    public static IReadOnlyList<string> All { get; } = ["generate", "read", "admin", "metrics"];

    /// <summary>Parses a word; <see cref="KeyRights.None"/> for an unknown one.</summary>
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
