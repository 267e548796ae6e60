using System.ComponentModel;
using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Persistence;

namespace GenApi.Accounts.Contracts;

[Description("An act on an API key, or an administrator's act on another account's resource.")]
internal sealed record AuditEntryContract
{
    [Description("When it happened.")]
    public required DateTime At { get; init; }

    [Description("`key.create`, `key.change`, `key.rotate`, `key.rotate_webhook_secret`, `key.revoke`; on another account's resource: "
        + "`generation.cancel`, `generation.delete`, `generation.pin`, `generation.unpin`, `image.delete`, "
        + "`image.restore`, `file.delete`, `file.restore`, `upload.delete`, `delivery.redeliver`; on "
        + "the service: `links.rotate`.")]
    public required string Act { get; init; }

    [Description("The key that acted. Null: a caller without a key, or the command line.")]
    public required string? ActorKeyId { get; init; }

    [Description("The name of that key at the time, or the machine's user at the command line.")]
    public required string ActorName { get; init; }

    [Description("The caller's address, or `command line`.")]
    public required string From { get; init; }

    [Description("The key acted on, or the key that owns the resource. Null: the owner has no key.")]
    public required string? KeyId { get; init; }

    [Description("The name of that key afterwards. For an account without a key: its word in `GET /usage`. For the service itself: "
        + "`installation`.")]
    public required string KeyName { get; init; }

    [Description("The generation, image, upload or delivery acted on. Null: the key itself.")]
    public required string? ThingId { get; init; }

    [Description("The decision in words. Null if `act` says it all.")]
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
