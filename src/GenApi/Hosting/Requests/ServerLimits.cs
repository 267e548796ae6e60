using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GenApi.Hosting.Requests;

/// <summary>
/// Limits what one caller can take of the server, rather than leaving it to the defaults of a version. Kestrel itself answers what goes
/// beyond, without a body, because there is no request yet: 414, 431, 408. docs/operate/overload.md has the table.
/// </summary>
internal static class ServerLimits
{
    /// <summary>
    /// The time that running requests and creations get when the service stops. Together with the rest of the shutdown it stays well below
    /// the 10 seconds after which a container is killed.
    /// </summary>
    public static readonly TimeSpan Shutdown = TimeSpan.FromSeconds(6);

    /// <summary>
    /// The slowest body, in bytes a second. A slow body holds a connection but no thread; at this rate the largest upload ends within 90
    /// minutes.
    /// </summary>
    public static readonly MinDataRate SlowBody = new(4 << 10, TimeSpan.FromSeconds(10));

    public static void Apply(KestrelServerLimits limits)
    {
        limits.MaxRequestLineSize = 8 << 10;
        limits.MaxRequestHeadersTotalSize = 32 << 10;
        limits.MaxRequestHeaderCount = 100;
        limits.MaxRequestBodySize = JsonBody.MostBytes;
        // Longer than proxies keep theirs (usually 60 to 75 s), so that GenApi never closes a connection just as a request arrives on it.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.MinRequestBodyDataRate = SlowBody;
        // Only the data that the caller is slow to read counts, so an idle stream of events never falls behind. The grace period bridges a
        // short loss of the connection.
        limits.MinResponseDataRate = new MinDataRate(240, TimeSpan.FromSeconds(30));
    }
}
