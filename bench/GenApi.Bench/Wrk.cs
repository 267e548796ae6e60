using System.Diagnostics;
using System.Globalization;

namespace GenApi.Bench;

/// <summary>The result of wrk in one turn.</summary>
/// <param name="PerSecond">Requests per second.</param>
/// <param name="Requests">The number of requests.</param>
/// <param name="P50">Half of the answers took no longer.</param>
/// <param name="P99">99 of 100 answers took no longer.</param>
internal sealed record WrkResult(double PerSecond, long Requests, TimeSpan P50, TimeSpan P99);

/// <summary>The request that wrk repeats.</summary>
internal sealed record WrkRequest(
    Uri Url, int Connections, string Method = "GET", string? Body = null, string? IfNoneMatch = null, string? Authorization = null,
    IReadOnlyDictionary<string, string>? Headers = null)
{
    private const int Threads = 2;

    /// <exception cref="BenchException">Any request failed: a server that answers errors quickly must not win.</exception>
    public async Task<WrkResult> RunAsync(string script, int seconds, CancellationToken cancellationToken)
    {
        string[] arguments =
            [$"-t{Threads}", $"-c{Connections}", $"-d{seconds}s", "--timeout", "10s", "--latency", "-s", script, Url.AbsoluteUri];
        var info = new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true };
        info.Environment["BENCH_METHOD"] = Method;
        if (Body is not null)
            info.Environment["BENCH_BODY"] = Body;
        if (IfNoneMatch is not null)
            info.Environment["BENCH_IF_NONE_MATCH"] = IfNoneMatch;
        if (Authorization is not null)
            info.Environment["BENCH_AUTHORIZATION"] = Authorization;
        if (Headers is not null)
            info.Environment["BENCH_HEADERS"] = string.Join('\n', Headers.Select(header => $"{header.Key}: {header.Value}"));
        using var wrk = Process.Start(info) ?? throw new BenchException("wrk did not start.");
        var output = await wrk.StandardOutput.ReadToEndAsync(cancellationToken);
        await wrk.WaitForExitAsync(cancellationToken);
        var line = output.Split('\n').FirstOrDefault(each => each.StartsWith("BENCH ", StringComparison.Ordinal))
            ?? throw new BenchException($"wrk said: {output}");
        var numbers = line.Split(' ').Skip(1).Select(each => long.Parse(each, CultureInfo.InvariantCulture)).ToArray();
        if (numbers[4] > 0)
            throw new BenchException($"{numbers[4]} of {numbers[0]} requests to {Url} failed.");
        return new WrkResult(numbers[0] * 1e6 / numbers[1], numbers[0], Micro(numbers[2]), Micro(numbers[3]));
    }

    private static TimeSpan Micro(long count) => TimeSpan.FromMicroseconds(count);
}
