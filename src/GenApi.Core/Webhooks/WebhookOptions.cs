using GenApi.Core.Network;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Webhooks;

/// <summary>The section <c>Webhooks</c>.</summary>
public sealed class WebhookOptions
{
    public const string Section = "Webhooks";

    /// <summary>
    /// The address of this service as Replicate sees it. If it is set, Replicate reports the end of each prediction, and GenApi polls less.
    /// Empty: GenApi polls.
    /// </summary>
    /// <value>an https URL, with or without a path; http only for a loopback host</value>
    public string PublicUrl { get; set; } = "";

    /// <summary>
    /// The secrets that Replicate signs its webhooks with, two while they change. Empty: GenApi asks Replicate and keeps the secret in
    /// memory only.
    /// </summary>
    /// <value><c>whsec_…</c></value>
    public IList<string> ReplicateSecrets { get; set; } = [];

    /// <summary>
    /// The installation's secret, which signs the webhooks that GenApi sends for callers without their own key. Two, separated by a space,
    /// while receivers change. Empty: the file <c>webhook-signing-secret</c> in the data directory, made at the first start.
    /// </summary>
    /// <value><c>whsec_</c> and the base64 of 24 to 64 bytes</value>
    public string SigningSecret { get; set; } = "";

    /// <summary>
    /// Hosts that webhooks may go to although their addresses are not public. A loopback host named here may receive webhooks by plain
    /// http.
    /// </summary>
    /// <value><c>host</c>, <c>host:port</c></value>
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
