using System.Diagnostics;
using System.Net;

namespace GenApi.Bench;

/// <summary>A process that listens, and a client for it.</summary>
internal sealed class Server(Child child, Uri baseUrl) : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);

    public Child Child => child;

    public Uri BaseUrl => baseUrl;

    public HttpClient Http { get; } = new(
        new SocketsHttpHandler { MaxConnectionsPerServer = 4096, UseProxy = false, AllowAutoRedirect = false })
    {
        BaseAddress = baseUrl,
        Timeout = TimeSpan.FromMinutes(6),
    };

    /// <summary>Waits until <paramref name="path"/> answers 200.</summary>
    /// <param name="path">The path to request, every few milliseconds.</param>
    /// <param name="since">A timestamp from before the start of the process.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The time it took.</returns>
    public async Task<TimeSpan> ReadyAsync(string path, long since, CancellationToken cancellationToken)
    {
        while (Stopwatch.GetElapsedTime(since) < LongestStart)
        {
            if (child.HasExited)
                throw new BenchException($"{child.Name} ended at start: {child.LogTail()}");
            try
            {
                using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative), cancellationToken);
                if (answer.StatusCode == HttpStatusCode.OK)
                    return Stopwatch.GetElapsedTime(since);
            }
            catch (HttpRequestException)
            {
                // The server does not listen yet.
            }
            await Task.Delay(TimeSpan.FromMilliseconds(3), TimeProvider.System, cancellationToken);
        }
        throw new BenchException($"{child.Name} was not ready after {LongestStart.TotalSeconds} s: {child.LogTail()}");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await child.DisposeAsync();
    }
}
