namespace GenApi.Core.Replicate;

/// <summary>A file that the upstream stores for the inputs of this account's predictions.</summary>
/// <param name="Id">Replicate's id.</param>
/// <param name="Url">The address that an input names. Only the account's token opens it.</param>
/// <param name="Bytes">The size by the upstream; null where it does not report it.</param>
/// <param name="ExpiresAt">When the upstream deletes it; null where it does not report it.</param>
public sealed record ReplicateFile(string Id, string Url, long? Bytes, DateTimeOffset? ExpiresAt);
