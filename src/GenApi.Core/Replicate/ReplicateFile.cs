namespace GenApi.Core.Replicate;

/// <summary>A file that the upstream keeps for the inputs of this account's predictions.</summary>
/// <param name="Id">Replicate's id.</param>
/// <param name="Url">What an input says to mean this file. Of no use to anybody else: it wants the account's token.</param>
/// <param name="Bytes">As the upstream counted; null where it does not tell.</param>
/// <param name="ExpiresAt">From then on the upstream no longer has it; null where it does not tell.</param>
public sealed record ReplicateFile(string Id, string Url, long? Bytes, DateTimeOffset? ExpiresAt);
