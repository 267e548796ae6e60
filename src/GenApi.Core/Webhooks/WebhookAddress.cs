using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Webhooks;

/// <summary>
/// The address under which the upstream tells us about one generation. It names the generation and proves by an HMAC of ours that we have given it out; whoever
/// knows it can still say nothing, because what arrives there must also carry the upstream's signature.
/// </summary>
public sealed class WebhookAddress
{
    /// <summary>Below <c>Webhooks:PublicUrl</c>.</summary>
    public const string Path = "/webhooks/replicate";

    private readonly WebhookOptions _options;
    private readonly WebhookSecrets _secrets;

    internal WebhookAddress(IOptions<WebhookOptions> options, WebhookSecrets secrets) => (_options, _secrets) = (options.Value, secrets);

    /// <summary>Whether <c>Webhooks:PublicUrl</c> is set.</summary>
    public bool IsOn => _options.IsHeard;

    /// <param name="subject">The generation's public id.</param>
    /// <param name="signature">As it stands in the address.</param>
    public bool IsOurs(string subject, string signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(subject)), Encoding.UTF8.GetBytes(signature));

    /// <returns>Null while <see cref="IsOn"/> is false.</returns>
    internal Uri? For(string subject) => IsOn ? new Uri($"{_options.PublicUrl.TrimEnd('/')}{Path}?generation={subject}&sig={Sign(subject)}") : null;

    private string Sign(string subject) => Base64Url.EncodeToString(_secrets.Address.Hash(subject, []));
}
