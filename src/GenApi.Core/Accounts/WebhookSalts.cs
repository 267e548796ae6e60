using System.Security.Cryptography;
using System.Text.Json;
using GenApi.Core.Errors;

namespace GenApi.Core.Accounts;

/// <summary>
/// What the webhook secrets of one key are derived with, as its row keeps it: the salt in use, and those before it for as long as they sign too. Nobody changes it; a
/// rotation is another one.
/// </summary>
internal sealed class WebhookSalts
{
    /// <summary>How long a secret still signs beside the one that took its place.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(24);

    /// <summary>Signatures by secrets of its own that a message may carry.</summary>
    private const int Most = 5;

    private const int SaltBytes = 16;

    private readonly WebhookSalt[] _all;

    private WebhookSalts(params WebhookSalt[] all) => _all = all;

    /// <summary>
    /// Of a key that was made while the installation's secret signed for all. It has a secret of its own too, by its id alone, and whoever verifies with the installation's
    /// goes on doing so until the key is given another.
    /// </summary>
    public static WebhookSalts Before { get; } = new();

    /// <summary>Whether none of them was made by chance; see <see cref="Before"/>.</summary>
    public bool AreBefore => _all.Length == 0;

    public static WebhookSalts New() => new(new WebhookSalt(RandomNumberGenerator.GetBytes(SaltBytes), null));

    public static WebhookSalts Parse(string text) => new(JsonSerializer.Deserialize<WebhookSalt[]>(text)!);

    public string ToText() => JsonSerializer.Serialize(_all);

    /// <summary>Those that sign at a moment: the one in use, then those before it, newest first.</summary>
    public IReadOnlyList<WebhookSalt> At(DateTimeOffset now) => AreBefore ? [WebhookSalt.ById] : [.. _all.Where(salt => salt.Until is not { } until || now < until)];

    /// <summary>A new one in use. Each of those before signs for <see cref="Grace"/> from when it was replaced.</summary>
    /// <exception cref="GenApiException">Conflict: the message would carry too many signatures.</exception>
    public WebhookSalts Rotate(DateTimeOffset now)
    {
        var signing = At(now);
        if (signing.Count >= Most)
            throw new GenApiException(ErrorKind.Conflict, $"The webhook secret was changed {Most - 1} times within {Grace.TotalHours:0} hours, and all of them still sign. It can be changed again from {signing[^1].Until:yyyy-MM-dd'T'HH:mm:ss'Z'} on.");
        return new([.. New()._all, signing[0] with { Until = now + Grace }, .. signing.Skip(1)]);
    }
}

/// <summary>One of them.</summary>
/// <param name="Salt">By chance. A salt is no secret.</param>
/// <param name="Until">When it signs no more; null: it is in use.</param>
internal sealed record WebhookSalt(byte[] Salt, DateTimeOffset? Until)
{
    /// <inheritdoc cref="WebhookSalts.Before"/>
    public static WebhookSalt ById { get; } = new([], null);

    /// <summary>Whether the installation's secret signs as long as this one does.</summary>
    public bool IsWithInstallation => Salt.Length == 0;
}
