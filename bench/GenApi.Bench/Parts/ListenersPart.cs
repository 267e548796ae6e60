using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace GenApi.Bench.Parts;

/// <summary>Measures ten thousand listeners on idle generations: their cost, and their effect on other callers.</summary>
internal static class ListenersPart
{
    private const double Kilobyte = 1 << 10;
    private const int Generations = 100;
    private const int OpenedAtOnce = 64;

    /// <summary>sandbox/slow takes 30 s at speed 1. At this speed it outlasts the measurement.</summary>
    private const double Speed = 0.02;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var count = lab.Settings.Listeners;
        var sandbox = await lab.StartSandboxAsync(Speed, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "data", null, cancellationToken);
        var ids = new List<string>();
        for (var seed = 1; seed <= Generations; seed++)
            ids.Add(await genApi.AcceptAsync(Requests.Body(seed, 64, "sandbox/slow"), cancellationToken));
        await Task.Delay(Settling, TimeProvider.System, cancellationToken);
        var alone = await LatencyAsync(genApi, ids[0], cancellationToken);
        var before = genApi.Child.ResidentBytes;

        var sockets = new Socket[count];
        try
        {
            var opening = new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce, CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(Enumerable.Range(0, count), opening,
                async (at, token) => sockets[at] = await ListenAsync(genApi, ids[at % ids.Count], token));
            await Task.Delay(Settling, TimeProvider.System, cancellationToken);
            var each = (genApi.Child.ResidentBytes - before) / Kilobyte / count;
            var (cpu, since) = (genApi.Child.CpuTime, Stopwatch.GetTimestamp());
            await Task.Delay(Idle, TimeProvider.System, cancellationToken);
            var share = (genApi.Child.CpuTime - cpu) / Stopwatch.GetElapsedTime(since) * 100;
            var among = await LatencyAsync(genApi, ids[0], cancellationToken);

            table.Single("listeners", $"memory of each of {count:N0}", $"{each:0.0} KB", Target.AtMost(40, each, " KB"));
            table.Single(
                "listeners",
                "processor while nothing happens",
                $"{share:0.0} % of a core",
                Target.AtMost(20, share, " %"),
                "polls of 100 predictions included");
            table.Single("listeners", "GET /generations/{id} at p99, alone", $"{alone.Percentile(0.99):0.0} ms", null, "one caller");
            table.Single(
                "listeners",
                "the same with the listeners there",
                $"{among.Percentile(0.99):0.0} ms",
                Target.AtMost(50, among.Percentile(0.99), " ms"),
                "one caller");
        }
        finally
        {
            foreach (var socket in sockets)
                socket?.Dispose();
        }
    }

    private static async Task<Socket> ListenAsync(Server genApi, string id, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, genApi.BaseUrl.Port), cancellationToken);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"GET /generations/{id}/events HTTP/1.1\r\nHost: localhost\r\n\r\n"), cancellationToken);
        var buffer = new byte[4096];
        var seen = "";
        while (!seen.Contains("event: status", StringComparison.Ordinal))
        {
            var read = await socket.ReceiveAsync(buffer, cancellationToken);
            seen += Encoding.UTF8.GetString(buffer, 0, read);
            if (read == 0 || !seen.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                throw new BenchException(string.Create(CultureInfo.InvariantCulture, $"A listener was not taken: {seen.Split('\r')[0]}"));
        }
        return socket;
    }

    private static async Task<double[]> LatencyAsync(Server genApi, string id, CancellationToken cancellationToken)
    {
        var load = await Requests.RepeatAsync(
            1,
            TimeSpan.FromSeconds(3),
            token => genApi.Http.GetByteArrayAsync(new Uri($"generations/{id}", UriKind.Relative), token),
            cancellationToken);
        return [.. load.Milliseconds];
    }
}
