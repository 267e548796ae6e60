using System.Diagnostics;
using Microsoft.Playwright;

namespace GenApi.Tests.Page;

/// <summary>The requests of a browser that are under way, without streams of events, which never end.</summary>
internal sealed class Traffic
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200), Step = TimeSpan.FromMilliseconds(25);

    private readonly HashSet<IRequest> _underWay = [];
    private long _changed = Stopwatch.GetTimestamp();

    public Traffic(IBrowserContext context)
    {
        context.Request += (_, request) => Change(request, isBegun: true);
        context.RequestFinished += (_, request) => Change(request, isBegun: false);
        context.RequestFailed += (_, request) => Change(request, isBegun: false);
    }

    /// <summary>Waits until no request is under way and none has been for a moment.</summary>
    public async Task SettledAsync()
    {
        var since = Stopwatch.GetTimestamp();
        while (UnderWay() is { } address)
        {
            Assert.True(
                Stopwatch.GetElapsedTime(since).TotalMilliseconds < PageTest.PatienceMilliseconds, $"The page never settles: {address}");
            await Task.Delay(Step, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    /// <returns>What is under way, if only the pause after it; null: nothing.</returns>
    private string? UnderWay()
    {
        lock (_underWay)
            return _underWay.FirstOrDefault()?.Url ?? (Stopwatch.GetElapsedTime(_changed) < Pause ? "it was busy just now" : null);
    }

    private void Change(IRequest request, bool isBegun)
    {
        // Playwright never hears of the end of a shared worker's script.
        var path = new Uri(request.Url).AbsolutePath;
        if (path.EndsWith("/events", StringComparison.Ordinal) || path.EndsWith("/worker.js", StringComparison.Ordinal))
            return;
        lock (_underWay)
        {
            _changed = Stopwatch.GetTimestamp();
            if (isBegun)
                _underWay.Add(request);
            else
                _underWay.Remove(request);
        }
    }
}
