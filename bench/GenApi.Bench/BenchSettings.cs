using System.Globalization;

namespace GenApi.Bench;

/// <summary>The sizes of a run; the environment changes them.</summary>
internal sealed record BenchSettings
{
    /// <summary>BENCH_ROUNDS: the number of rounds in which rivals alternate.</summary>
    public required int Rounds { get; init; }

    /// <summary>BENCH_SECONDS: the time of one rival in a round.</summary>
    public required int Seconds { get; init; }

    /// <summary>BENCH_CONNECTIONS: the connections of wrk. The images of 1 MB use a quarter of them.</summary>
    public required int Connections { get; init; }

    /// <summary>BENCH_MISS: the concurrent callers of the miss.</summary>
    public required int MissCallers { get; init; }

    /// <summary>BENCH_LOOKS: the runs of the four-second model, after three that are not counted.</summary>
    public required int LookRuns { get; init; }

    /// <summary>BENCH_ROWS: the generations in the full store.</summary>
    public required int Rows { get; init; }

    /// <summary>BENCH_IN_FLIGHT: the concurrent predictions of the memory and restart parts.</summary>
    public required int InFlight { get; init; }

    /// <summary>BENCH_LISTENERS: the concurrent event streams. Each takes a socket on both sides.</summary>
    public required int Listeners { get; init; }

    /// <summary>BENCH_CUT: the seconds that the page is without a network.</summary>
    public required int CutSeconds { get; init; }

    /// <summary>
    /// BENCH_FOLDER: the place of the temporary data folders. On a tmpfs commits cost nothing, so durable rows mean nothing there.
    /// </summary>
    public required string Folder { get; init; }

    public static BenchSettings FromEnvironment() => new()
    {
        Rounds = Number("BENCH_ROUNDS", 5),
        Seconds = Number("BENCH_SECONDS", 3),
        Connections = Number("BENCH_CONNECTIONS", 32),
        MissCallers = Number("BENCH_MISS", 32),
        LookRuns = Number("BENCH_LOOKS", 20),
        Rows = Number("BENCH_ROWS", 100_000),
        InFlight = Number("BENCH_IN_FLIGHT", 1000),
        Listeners = Number("BENCH_LISTENERS", 10_000),
        CutSeconds = Number("BENCH_CUT", 180),
        Folder = Environment.GetEnvironmentVariable("BENCH_FOLDER") is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : Path.GetTempPath(),
    };

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) && value > 0
            ? value
            : otherwise;
}
