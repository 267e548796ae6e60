using System.Globalization;

namespace GenApi.Bench;

/// <summary>How long and how often; the environment shortens or lengthens it.</summary>
internal sealed record BenchSettings
{
    /// <summary>BENCH_ROUNDS: rivals take turns this often.</summary>
    public required int Rounds { get; init; }

    /// <summary>BENCH_SECONDS: one rival's turn.</summary>
    public required int Seconds { get; init; }

    /// <summary>BENCH_CONNECTIONS: of wrk, for everything but the images of 1 MB, which take a quarter of them.</summary>
    public required int Connections { get; init; }

    /// <summary>BENCH_MISS: concurrent callers of the miss.</summary>
    public required int MissCallers { get; init; }

    /// <summary>BENCH_LOOKS: runs of the model of four seconds, after three that are not counted.</summary>
    public required int LookRuns { get; init; }

    /// <summary>BENCH_ROWS: generations in the full store.</summary>
    public required int Rows { get; init; }

    /// <summary>BENCH_IN_FLIGHT: predictions at once, for the memory and the restart.</summary>
    public required int InFlight { get; init; }

    /// <summary>BENCH_LISTENERS: event streams at once; each takes a socket on both sides.</summary>
    public required int Listeners { get; init; }

    /// <summary>BENCH_FOLDER: where the temporary data folders are made. On a tmpfs a commit costs nothing: the durable rows then mean nothing.</summary>
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
        Folder = Environment.GetEnvironmentVariable("BENCH_FOLDER") is { Length: > 0 } folder ? Path.GetFullPath(folder) : Path.GetTempPath(),
    };

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) && value > 0 ? value : otherwise;
}
