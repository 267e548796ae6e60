using System.Collections.Frozen;

namespace GenApi.Core.Models;

/// <summary>Splits a text that names a model: a short form, or the address of one of the model's pages.</summary>
internal static class ModelAddress
{
    private const string VersionsPage = "versions", ApiHost = "api.replicate.com", ApiModels = "v1/models/", Digest = "sha256:";

    private static readonly FrozenSet<string> Hosts =
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "replicate.com", "www.replicate.com", ApiHost, "r8.im");

    /// <summary>The pages of a model, as they follow <c>owner/name/</c>.</summary>
    private static readonly FrozenSet<string> Pages = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "api", "examples", "playground", "predictions", "readme", "schema", "train", VersionsPage);

    /// <summary>The words in place of an owner in addresses of other pages.</summary>
    private static readonly FrozenSet<string> NoOwners = FrozenSet.Create(StringComparer.OrdinalIgnoreCase,
        "account", "blog", "changelog", "collections", "deployments", "docs", "explore", "p", "predictions", "pricing", "trainings");

    /// <summary>Returns whether the text is an address or begins like one; then it can't be an alias.</summary>
    public static bool IsAddress(string text) => TryCutHost(text.Trim(), out _, out _);

    /// <summary>Reads owner, name and version as written; each may still contain characters that no name has.</summary>
    /// <param name="text">
    /// A text such as <c>sdxl</c>, <c>owner/name@version</c> or <c>https://replicate.com/owner/name/versions/…</c>.
    /// </param>
    /// <param name="parts">The owner is null for an alias, the version if none is named.</param>
    /// <returns>False for an address of anything but a model, and for too many parts.</returns>
    public static bool TryRead(string text, out (string? Owner, string Name, string? Version) parts)
    {
        parts = default;
        var isAddress = TryCutHost(text.Trim(), out var host, out var path);
        if (isAddress)
        {
            if (!Hosts.Contains(host))
                return false;
            path = path.Split('?', '#')[0];
            if (host.Equals(ApiHost, StringComparison.OrdinalIgnoreCase))
            {
                if (!path.StartsWith(ApiModels, StringComparison.OrdinalIgnoreCase))
                    return false;
                path = path[ApiModels.Length..];
            }
        }
        var segments = path.Split('/');
        if (segments.Length == 1)
        {
            parts = (null, segments[0], null);
            return !isAddress;
        }
        // Browsers like to add one slash at the end; several slashes are not a valid address.
        if (segments.Length > 2 && segments[^1].Length == 0)
            segments = segments[..^1];
        var (name, version) = CutVersion(segments[1]);
        if (segments.Length > 2)
        {
            var isVersion = segments[2].Equals(VersionsPage, StringComparison.OrdinalIgnoreCase) && segments.Length > 3;
            if (isVersion ? version is not null || (segments.Length > 4 && !isAddress) : !isAddress || !Pages.Contains(segments[2]))
                return false;
            version = isVersion ? segments[3] : version;
        }
        parts = (segments[0], name, version);
        return !isAddress || !NoOwners.Contains(segments[0]);
    }

    /// <summary>Cuts off the version, which follows a colon, or <c>@</c> as in the address of a container image.</summary>
    private static (string Name, string? Version) CutVersion(string text)
    {
        var at = text.AsSpan().IndexOfAny(':', '@');
        if (at < 0)
            return (text, null);
        var version = text[(at + 1)..];
        var isDigest = text[at] == '@' && version.StartsWith(Digest, StringComparison.OrdinalIgnoreCase);
        return (text[..at], isDigest ? version[Digest.Length..] : version);
    }

    /// <summary>
    /// Cuts off the host. A text with a scheme is always an address; without one, it is if it begins with the host of model pages.
    /// </summary>
    private static bool TryCutHost(string text, out string host, out string path)
    {
        (host, path) = ("", text);
        var hasScheme = false;
        foreach (var scheme in (ReadOnlySpan<string>)["https:", "http:"])
        {
            if (!text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase))
                continue;
            // Proxies merge two slashes into one.
            text = text[scheme.Length..].TrimStart('/');
            hasScheme = true;
            break;
        }
        var end = text.IndexOf('/', StringComparison.Ordinal);
        var first = end < 0 ? text : text[..end];
        if (!hasScheme && !Hosts.Contains(first))
            return false;
        (host, path) = (first, end < 0 ? "" : text[(end + 1)..]);
        return true;
    }
}
