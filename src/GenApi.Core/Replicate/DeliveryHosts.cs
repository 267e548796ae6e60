using System.Net;

namespace GenApi.Core.Replicate;

/// <summary>The hosts that output files may come from, as <see cref="ReplicateOptions.DeliveryHosts"/> describes them.</summary>
internal sealed class DeliveryHosts(IEnumerable<string> entries)
{
    private readonly Entry[] _entries = [.. entries.Select(entry => Read(entry) ?? throw new ArgumentException($"'{entry}' is no host.", nameof(entries)))];

    public static bool CanRead(string entry) => Read(entry) is not null;

    public bool Allows(Uri uri)
    {
        var host = uri.IdnHost;
        foreach (var entry in _entries)
        {
            if (!entry.Matches(host))
                continue;
            if (entry.Port is { } port ? uri.Port != port : !uri.IsDefaultPort)
                continue;
            if (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && entry.IsLoopback))
                return true;
        }

        return false;
    }

    private static Entry? Read(string text)
    {
        var value = text.Trim();
        var wildcard = value.StartsWith("*.", StringComparison.Ordinal);
        // Read as the authority of a URL, so that IPv6 brackets, ports and IDN are understood exactly as they will be when compared.
        if (!Uri.TryCreate($"https://{(wildcard ? value[2..] : value)}", UriKind.Absolute, out var uri))
            return null;
        var plain = uri.UserInfo.Length == 0 && uri.PathAndQuery == "/" && uri.Fragment.Length == 0 && uri.IdnHost.Length > 0 && !value.EndsWith('/');
        if (!plain || value.Contains('*', StringComparison.Ordinal) != wildcard)
            return null;
        var namesPort = value.LastIndexOf(':') > value.LastIndexOf(']');
        return new Entry(uri.IdnHost, wildcard, namesPort ? uri.Port : null);
    }

    private sealed record Entry(string Host, bool Wildcard, int? Port)
    {
        public bool IsLoopback { get; } =
            !Wildcard && (Host == "localhost" || (IPAddress.TryParse(Host, out var address) && IPAddress.IsLoopback(address)));

        public bool Matches(string host) => Wildcard
            ? host.Length > Host.Length + 1 && host.EndsWith(Host, StringComparison.OrdinalIgnoreCase) && host[^(Host.Length + 1)] == '.'
            : host.Equals(Host, StringComparison.OrdinalIgnoreCase);
    }
}
