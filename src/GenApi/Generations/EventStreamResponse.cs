using System.Text;

namespace GenApi.Generations;

/// <summary>An answer of server-sent events, with comments while nothing happens.</summary>
internal sealed class EventStreamResponse(HttpResponse response, TimeProvider time)
{
    private const string RetryMilliseconds = "1000";
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Sends the headers, and after how long a lost listener should come back.</summary>
    public Task BeginAsync(CancellationToken aborted)
    {
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        // nginx would buffer the events.
        response.Headers["X-Accel-Buffering"] = "no";
        return WriteAsync(Encoding.UTF8.GetBytes($"retry: {RetryMilliseconds}\n\n"), aborted);
    }

    /// <summary>Sends bytes at once.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken aborted)
    {
        await response.Body.WriteAsync(bytes, aborted);
        await response.Body.FlushAsync(aborted);
    }

    /// <summary>
    /// Waits for what comes next. Meanwhile it sends comments, which keep proxies from closing an idle connection and show when nobody
    /// listens any more.
    /// </summary>
    /// <param name="next">What is waited for.</param>
    /// <param name="comment">Makes a comment.</param>
    /// <param name="aborted">Ends the wait.</param>
    public async Task<T> WaitAsync<T>(Task<T> next, Func<byte[]> comment, CancellationToken aborted)
    {
        while (!next.IsCompleted)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(aborted);
            var pause = Task.Delay(Heartbeat, time, over.Token);
            if (await Task.WhenAny(next, pause) == pause && !aborted.IsCancellationRequested)
            {
                await WriteAsync(comment(), aborted);
            }
            else
            {
                await over.CancelAsync();
                break;
            }
        }
        return await next;
    }
}
