namespace GenApi.Core.Accounts;

/// <summary>Accounts that have no row. Other rows store their ids, so the ids never change.</summary>
public static class FixedAccounts
{
    /// <summary>The account of the key from the settings, which has no row.</summary>
    public static readonly Guid AdminKeyId = new("00000000-0000-0000-0000-000000000001");

    /// <summary>The account of everyone while there are no keys.</summary>
    public static readonly Guid OpenId = new("00000000-0000-0000-0000-000000000002");

    /// <summary>The account of all callers without a key, if they are allowed.</summary>
    public static readonly Guid AnonymousId = new("00000000-0000-0000-0000-000000000003");

    /// <summary>The account of runs that only keep a model warm; no caller has it.</summary>
    public static readonly Guid KeepWarmId = new("00000000-0000-0000-0000-000000000004");
}
