using System.Security.Cryptography;
using System.Text.Json;
using GenApi.Core.Errors;

namespace GenApi.Core.Accounts;

/// <summary>
/// The salts from which the webhook secrets of one key are derived, as stored in its row: the current salt, and earlier ones while they
/// still sign. It is immutable; a rotation makes a new one.
/// </summary>
internal sealed class WebhookSalts
{
    /// <summary>The time for which a replaced secret keeps signing.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(24);

    /// <summary>The most signatures by a key's own secrets that a message may carry.</summary>
    private const int Most = 5;

    private const int SaltBytes = 16;

    private readonly WebhookSalt[] _all;

    private WebhookSalts(params WebhookSalt[] all) => _all = all;

    /// <summary>
    /// The salts of a key that was made while the installation's secret signed for everyone. It has its own secret too, derived from its id
    /// alone. A receiver that verifies with the installation's secret can go on until the key's secret is rotated.
    /// </summary>
    public static WebhookSalts Legacy { get; } = new();

    /// <summary>True if none of the salts is random; see <see cref="Legacy"/>.</summary>
    public bool IsLegacy => _all.Length == 0;

    public static WebhookSalts New() => new(new WebhookSalt(RandomNumberGenerator.GetBytes(SaltBytes), null));

    public static WebhookSalts Parse(string text) => new(JsonSerializer.Deserialize<WebhookSalt[]>(text)!);

    public string ToText() => JsonSerializer.Serialize(_all);

    /// <summary>Returns the salts that sign at a given time: the current one, then earlier ones, newest first.</summary>
    public IReadOnlyList<WebhookSalt> At(DateTimeOffset now) =>
        IsLegacy ? [WebhookSalt.ById] : [.. _all.Where(salt => salt.Until is not { } until || now < until)];

    /// <summary>Makes a new salt current. Each earlier one signs for <see cref="Grace"/> after it was replaced.</summary>
    /// <exception cref="GenApiException">Conflict: a message would carry too many signatures.</exception>
    public WebhookSalts Rotate(DateTimeOffset now)
    {
        var signing = At(now);
        if (signing.Count >= Most)
        {
            throw new GenApiException(ErrorKind.Conflict,
                $"The webhook secret was changed {Most - 1} times within {Grace.TotalHours:0} hours, and all of them still sign. "
                + $"It can be changed again from {signing[^1].Until:yyyy-MM-dd'T'HH:mm:ss'Z'} on.");
        }
        return new([.. New()._all, signing[0] with { Until = now + Grace }, .. signing.Skip(1)]);
    }
}

/// <summary>One salt.</summary>
/// <param name="Salt">Random. A salt is not secret.</param>
/// <param name="Until">When it stops signing; null: it is current.</param>
internal sealed record WebhookSalt(byte[] Salt, DateTimeOffset? Until)
{
    /// <inheritdoc cref="WebhookSalts.Legacy"/>
    public static WebhookSalt ById { get; } = new([], null);

    /// <summary>True if the installation's secret also signs, for as long as this one does.</summary>
    public bool SharesInstallationSecret => Salt.Length == 0;
}
