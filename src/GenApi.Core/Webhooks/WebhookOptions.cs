using GenApi.Core.Network;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Webhooks;

/// <summary>The section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>
    /// Our address as Replicate reaches it: https, or http to a loopback host for a sandbox on this machine. It may have a path. Empty:
    /// creations ask for no webhook.
    /// </summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>
    /// Replicate's signing secrets (<c>whsec_…</c>), two during a change. Empty: the service asks Replicate for the secret.
    /// </summary>
    public IList<string> ReplicateSecrets { get; set; } = [];

    /// <summary>
    /// The installation's signing secret, for accounts without their own: <c>whsec_</c> and the base64 of 24 to 64 bytes. Two, separated by
    /// a space, while receivers change from one to the other. Empty: the file <c>webhook-signing-secret</c> in the data directory, which
    /// the first start makes.
    /// </summary>
    public string SigningSecret { get; set; } = "";

    /// <summary>
    /// Hosts that may receive webhooks although their addresses are not public: <c>host</c> or <c>host:port</c>. A loopback host here may
    /// use plain http.
    /// </summary>
    public IList<string> AllowedPrivateHosts { get; set; } = [];

    internal bool IsPublic => PublicUrl.Length > 0;
}

/// <summary>Reports each unusable setting in one sentence that begins with its key. It never shows a secret.</summary>
internal sealed class WebhookOptionsValidator : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        List<string> failures = [];
        if (options.IsPublic && !IsPublicUrl(options.PublicUrl))
        {
            failures.Add("Webhooks:PublicUrl must be an https URL without user, query and fragment (http only to a loopback host); "
                + $"it is '{options.PublicUrl}'.");
        }
        if (options.ReplicateSecrets.Any(secret => !WebhookSecret.TryParse(secret, out _)))
            failures.Add("Webhooks:ReplicateSecrets must hold secrets of the form whsec_ and base64, as Replicate shows them.");
        if (options.SigningSecret.Length > 0 && WebhookSecrets.Parse(options.SigningSecret) is null)
            failures.Add($"Webhooks:SigningSecret must be {WebhookSecrets.Form}.");
        foreach (var entry in options.AllowedPrivateHosts.Where(entry => !NetworkEndpoint.TryParse(entry, out _)))
            failures.Add($"Webhooks:AllowedPrivateHosts must hold entries such as host or host:port; '{entry}' is not one.");
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static bool IsPublicUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && NetworkHost.TryOf(url, out var host)
        && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && host.IsLoopback))
        && url is { UserInfo: "", Query: "", Fragment: "" };
}
