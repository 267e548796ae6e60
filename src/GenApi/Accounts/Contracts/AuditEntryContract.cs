using System.ComponentModel;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Persistence;

namespace GenApi.Accounts.Contracts;

[Description("Something that was done to an API key, or by an administrator to what is another account's.")]
internal sealed record AuditEntryContract
{
    [Description("When it was done.")]
    public required DateTime At { get; init; }

    [Description("`key.create`, `key.change`, `key.rotate`, `key.rotate_webhook_secret`, `key.revoke`; and what was done to another account's thing: `generation.cancel`, `generation.delete`, `generation.pin`, `generation.unpin`, `image.delete`, `upload.delete`, `delivery.redeliver`.")]
    public required string Act { get; init; }

    [Description("The key that did it; null: a caller without one, or the command line.")]
    public required string? ActorKeyId { get; init; }

    [Description("Its name at that time, or the machine's user at the command line.")]
    public required string ActorName { get; init; }

    [Description("The caller's address, or `command line`.")]
    public required string From { get; init; }

    [Description("The key it was done to, or whose thing it was done to; null: the thing of an account without a key.")]
    public required string? KeyId { get; init; }

    [Description("Its name afterwards; of an account without a key the word that `/usage` has for it.")]
    public required string KeyName { get; init; }

    [Description("The generation, image, upload or delivery that it was done to; null: the key itself.")]
    public required string? ThingId { get; init; }

    [Description("What was decided, in words; null where the act says it all.")]
    public required string? Detail { get; init; }

    public static AuditEntryContract Of(AuditEntry entry) => new()
    {
        At = entry.At.UtcDateTime,
        Act = entry.Act,
        ActorKeyId = entry.ActorKeyId is { } actor ? PublicId.Format(PublicId.Key, actor) : null,
        ActorName = entry.ActorName,
        From = entry.From,
        KeyId = AccountNames.HasKey(entry.KeyId) ? PublicId.Format(PublicId.Key, entry.KeyId) : null,
        KeyName = entry.KeyName,
        ThingId = entry.ThingId,
        Detail = entry.Detail,
    };
}
