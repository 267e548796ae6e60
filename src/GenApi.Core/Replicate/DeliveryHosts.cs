using GenApi.Core.Network;

namespace GenApi.Core.Replicate;

/// <summary>The hosts that output files may come from, as <see cref="ReplicateOptions.DeliveryHosts"/> describes them.</summary>
internal sealed class DeliveryHosts(IEnumerable<string> entries)
{
    private const string Wildcard = "*.";

    private readonly Entry[] _entries = [.. entries.Select(
        entry => Read(entry) ?? throw new ArgumentException($"'{entry}' is not a host.", nameof(entries)))];

    public static bool CanRead(string entry) => Read(entry) is not null;

    public bool Allows(Uri uri)
    {
        if (!NetworkHost.TryOf(uri, out var host))
            return false;
        foreach (var entry in _entries)
        {
            if (!entry.Matches(host))
                continue;
            if (entry.At.Port is { } port ? uri.Port != port : !uri.IsDefaultPort)
                continue;
            if (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && entry.IsLoopback))
                return true;
        }

        return false;
    }

    private static Entry? Read(string text)
    {
        var value = text.Trim();
        var isWildcard = value.StartsWith(Wildcard, StringComparison.Ordinal);
        // An address has no subdomains.
        return NetworkEndpoint.TryParse(isWildcard ? value[Wildcard.Length..] : value, out var at)
            && !(isWildcard && at.Host.Address is not null)
            ? new Entry(at, isWildcard)
            : null;
    }

    private sealed record Entry(NetworkEndpoint At, bool IsWildcard)
    {
        public bool IsLoopback => !IsWildcard && At.Host.IsLoopback;

        public bool Matches(NetworkHost host) => IsWildcard ? host.IsBelow(At.Host) : host == At.Host;
    }
}
