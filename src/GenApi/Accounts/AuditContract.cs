using System.ComponentModel;
using GenApi.Core.Accounts;
using GenApi.Core.Persistence;

namespace GenApi.Accounts;

[Description("Something that was done to an API key.")]
internal sealed record AuditContract
{
    public required DateTime At { get; init; }

    [Description("`key.create`, `key.change`, `key.rotate`, `key.rotate_webhook_secret` or `key.revoke`.")]
    public required string Act { get; init; }

    [Description("The key that did it; null: a caller without one, or the command line.")]
    public required string? ActorKeyId { get; init; }

    [Description("Its name at that time, or the machine's user at the command line.")]
    public required string ActorName { get; init; }

    [Description("The caller's address, or `command line`.")]
    public required string From { get; init; }

    [Description("The key it was done to.")]
    public required string KeyId { get; init; }

    [Description("Its name afterwards.")]
    public required string KeyName { get; init; }

    [Description("What was decided, in words; null where the act says it all.")]
    public required string? Detail { get; init; }

    public static AuditContract Of(AuditEntry entry) => new()
    {
        At = entry.At.UtcDateTime,
        Act = entry.Act,
        ActorKeyId = entry.ActorKeyId is { } actor ? PublicId.Format(PublicId.Key, actor) : null,
        ActorName = entry.ActorName,
        From = entry.From,
        KeyId = PublicId.Format(PublicId.Key, entry.KeyId),
        KeyName = entry.KeyName,
        Detail = entry.Detail,
    };
}
