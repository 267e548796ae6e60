using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Webhooks;

/// <summary>
/// The address for the upstream's webhooks about one generation. It names the generation, and an HMAC proves that we have issued it. Anyone
/// who knows the address still can't use it: a webhook must also have the upstream's signature.
/// </summary>
public sealed class WebhookAddress
{
    /// <summary>The path below <c>Webhooks:PublicUrl</c>.</summary>
    public const string Path = "/webhooks/replicate";

    private readonly WebhookOptions _options;
    private readonly WebhookSecrets _secrets;

    public WebhookAddress(IOptions<WebhookOptions> options, WebhookSecrets secrets) => (_options, _secrets) = (options.Value, secrets);

    /// <summary>True if <c>Webhooks:PublicUrl</c> is set.</summary>
    public bool IsOn => _options.IsPublic;

    /// <summary>Checks whether we have issued the address.</summary>
    /// <param name="subject">The generation's public id.</param>
    /// <param name="signature">The signature in the address.</param>
    public bool IsOurs(string subject, string signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(subject)), Encoding.UTF8.GetBytes(signature));

    /// <summary>Makes the address for a generation.</summary>
    /// <returns>Null while <see cref="IsOn"/> is false.</returns>
    internal Uri? For(string subject) =>
        IsOn ? new Uri($"{_options.PublicUrl.TrimEnd('/')}{Path}?generation={subject}&sig={Sign(subject)}") : null;

    private string Sign(string subject) => Base64Url.EncodeToString(_secrets.Address.Hash(subject, []));
}
