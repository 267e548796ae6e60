namespace GenApi.Core.Accounts;

/// <summary>Accounts that have no row of their own. The ids are kept in the rows of what they made, so they never change.</summary>
public static class FixedAccounts
{
    /// <summary>Id of the key of the settings, which has no row.</summary>
    public static readonly Guid AdminKeyId = new("00000000-0000-0000-0000-000000000001");

    /// <summary>The account of everybody while there are no keys.</summary>
    public static readonly Guid OpenId = new("00000000-0000-0000-0000-000000000002");

    /// <summary>The account of all callers without a key, where they are let in.</summary>
    public static readonly Guid AnonymousId = new("00000000-0000-0000-0000-000000000003");

    /// <summary>The account of what is run only to keep a model warm: no caller's.</summary>
    public static readonly Guid KeepWarmId = new("00000000-0000-0000-0000-000000000004");
}
