using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace GenApi.Hosting.Requests;

/// <summary>
/// What one caller can take of the server, said here rather than left to the defaults of a version. What goes beyond is answered by Kestrel itself, without a
/// body, because there is no request yet: 414, 431, 408. docs/operations.md has the table.
/// </summary>
internal static class ServerLimits
{
    /// <summary>
    /// What is under way when the service stops is given this long, requests and creations alike: with what the rest of the end takes well below the 10 seconds
    /// after which a container is killed.
    /// </summary>
    public static readonly TimeSpan Shutdown = TimeSpan.FromSeconds(6);

    /// <summary>In bytes a second. A body that trickles holds a connection and no thread; at this pace the largest upload ends within an hour and a half.</summary>
    public static readonly MinDataRate SlowBody = new(4 << 10, TimeSpan.FromSeconds(10));

    public static void Apply(KestrelServerLimits limits)
    {
        limits.MaxRequestLineSize = 8 << 10;
        limits.MaxRequestHeadersTotalSize = 32 << 10;
        limits.MaxRequestHeaderCount = 100;
        limits.MaxRequestBodySize = JsonBody.MostBytes;
        // Longer than proxies keep theirs (60 to 75 s as a rule), so that it is never we who close a connection just as a request is put on it.
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(130);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        limits.MinRequestBodyDataRate = SlowBody;
        // It counts only what the caller is slow to take: a stream of events that has nothing to tell is never behind. The span lets a line be gone for a moment.
        limits.MinResponseDataRate = new MinDataRate(240, TimeSpan.FromSeconds(30));
    }
}
