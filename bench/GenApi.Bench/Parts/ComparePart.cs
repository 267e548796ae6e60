using System.Globalization;
using System.Runtime.InteropServices;

namespace GenApi.Bench.Parts;

/// <summary>Measures two builds of GenApi in turn, against the same sandbox. <c>bench/compare.sh</c> makes the builds.</summary>
internal static class ComparePart
{
    private const int Pixels = 64;

    /// <summary>The pictures after a start in which code is still being compiled.</summary>
    private const int First = 300;

    /// <summary>Stretches of a warm-up. During the first ones so much is compiled that they vary more than they fall.</summary>
    private const int LeastStretches = 8, MostStretches = 25;

    private const double Megabyte = 1 << 20;

    /// <summary>sandbox/slow takes 1.5 s per step: 15 s at this speed, enough for all to be in flight.</summary>
    private const double SlowSpeed = 2;

    /// <summary>At this speed none ends while instances are killed and started.</summary>
    private const double RestartSpeed = 0.02;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private static int _seed;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var pair = new Pair<string>(Folder("BENCH_OLD"), Folder("BENCH_NEW"));
        var wanted = (Environment.GetEnvironmentVariable("BENCH_ROWS_OF_COMPARE") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        (string Name, Func<Lab, Table, Pair<string>, CancellationToken, Task> Run)[] rows =
        [
            ("new", NewAsync), ("first", FirstAsync), ("ready", ReadyAsync), ("memory", MemoryAsync), ("restart", RestartAsync),
            ("hit", CompareServing.HitAsync), ("image", CompareServing.ImageAsync), ("size", SizeAsync),
        ];
        foreach (var (name, run) in rows.Where(row => wanted.Length == 0 || wanted.Contains(row.Name)))
        {
            // A lab for each, so that no server of the row before takes its part of the machine.
            await using var own = new Lab(lab.Settings, $"compare-{name}");
            await run(own, table, pair, cancellationToken);
        }
    }

    /// <summary>Starts a build with its own store.</summary>
    internal static Task<(Server Server, TimeSpan Took)> StartAsync(
        Lab lab, string build, Uri upstream, string data, CancellationToken cancellationToken) => lab.StartGenApiAsync(
            upstream, data,
            new Dictionary<string, string> { ["Replicate__MaxInFlight"] = lab.Settings.InFlight.ToString(CultureInfo.InvariantCulture) },
            cancellationToken, build);

    /// <summary>Adds a row: both medians and the median of the rounds' ratios, new / old.</summary>
    internal static void Add(
        Table table, string row, IReadOnlyList<double> old, IReadOnlyList<double> fresh, string unit,
        Func<double, Target>? target = null) =>
        table.Ratio("compare", row, fresh, "old", old, unit, "0.0", target);

    private static string Folder(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } folder
        ? folder
        : throw new BenchException("Two builds are compared by bench/compare.sh OLD [NEW].");

    private static Task<(byte[] Answer, string Outcome)> MakeAsync(Server genApi, CancellationToken cancellationToken) =>
        genApi.GenerateAsync(Requests.Body(Interlocked.Increment(ref _seed), Pixels), cancellationToken);

    private static async Task NewAsync(Lab lab, Table table, Pair<string> builds, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var servers = await builds.SelectAsync(async (build, name) =>
            (await StartAsync(lab, build, sandbox.BaseUrl, name, cancellationToken)).Server);
        var duration = TimeSpan.FromSeconds(lab.Settings.Seconds);
        foreach (var callers in new[] { lab.Settings.MissCallers, 1 }.Distinct())
        {
            await servers.SelectAsync((server, name) => WarmAsync(server, name, callers, duration, cancellationToken));
            Pair<List<double>> rates = new([], []), cpu = new([], []), added = new([], []);
            for (var round = 1; round <= lab.Settings.Rounds; round++)
            {
                var direct = await Requests.RepeatAsync(
                    callers, duration, token => sandbox.PredictAsync(Interlocked.Increment(ref _seed), Pixels, token), cancellationToken);
                await servers.InTurnAsync(round, async (server, isOld) =>
                {
                    var before = server.Child.CpuTime;
                    var load = await Requests.RepeatAsync(callers, duration, token => MakeAsync(server, token), cancellationToken);
                    rates.Of(isOld).Add(load.PerSecond);
                    cpu.Of(isOld).Add((server.Child.CpuTime - before).TotalMilliseconds / load.Milliseconds.Count);
                    added.Of(isOld).Add(load.P50 - direct.P50);
                });
            }
            var who = callers == 1 ? "1 caller" : $"{callers} callers";
            Add(table, $"new pictures a second, {who}", rates.Old, rates.New, "/s", callers == 1 ? null : AtLeast(2.5));
            Add(table, $"CPU of a new picture, {who}", cpu.Old, cpu.New, " ms", AtMost(0.33));
            if (callers == 1)
                Add(table, "added time p50, 1 caller", added.Old, added.New, " ms", AtMost(0.4));
        }
    }

    /// <summary>
    /// Makes pictures until the processor time of each no longer falls: the runtime recompiles a path of this length for tens of thousands
    /// of them.
    /// </summary>
    private static async Task<double> WarmAsync(
        Server server, string name, int callers, TimeSpan duration, CancellationToken cancellationToken)
    {
        var best = double.MaxValue;
        for (var (stretch, idle) = (1, 0); ; stretch++)
        {
            var before = server.Child.CpuTime;
            var load = await Requests.RepeatAsync(callers, 2 * duration, token => MakeAsync(server, token), cancellationToken);
            var each = (server.Child.CpuTime - before).TotalMilliseconds / load.Milliseconds.Count;
            idle = each < best * 0.95 ? 0 : idle + 1;
            best = Math.Min(best, each);
            if ((idle >= 2 && stretch >= LeastStretches) || stretch == MostStretches)
            {
                await Console.Error.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  compare: {name}, {callers} callers, is warm after {2 * duration.TotalSeconds * stretch:0} s: {each:0.0} ms each"));
                return each;
            }
        }
    }

    private static async Task FirstAsync(Lab lab, Table table, Pair<string> builds, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        Pair<List<double>> cpu = new([], []);
        for (var round = 1; round <= lab.Settings.Rounds; round++)
        {
            await builds.InTurnAsync(round, async (build, isOld) =>
            {
                var (server, _) = await StartAsync(lab, build, sandbox.BaseUrl, $"first-{isOld}-{round}", cancellationToken);
                await Task.Delay(Settling, TimeProvider.System, cancellationToken);
                var before = server.Child.CpuTime;
                for (var made = 0; made < First; made++)
                    await MakeAsync(server, cancellationToken);
                cpu.Of(isOld).Add((server.Child.CpuTime - before).TotalMilliseconds / First);
                await lab.StopAsync(server);
            });
        }
        Add(table, $"CPU of each of the first {First} pictures, 1 caller", cpu.Old, cpu.New, " ms", AtMost(0.35));
    }

    private static async Task ReadyAsync(Lab lab, Table table, Pair<string> builds, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        Pair<List<double>> took = new([], []), cpu = new([], []);
        // The first start of each reads its files from the disk and does not count.
        for (var round = 0; round <= 2 * lab.Settings.Rounds; round++)
        {
            await builds.InTurnAsync(round, async (build, isOld) =>
            {
                var (server, ready) = await StartAsync(lab, build, sandbox.BaseUrl, $"ready-{isOld}-{round}", cancellationToken);
                if (round > 0)
                {
                    cpu.Of(isOld).Add(server.Child.CpuTime.TotalMilliseconds);
                    took.Of(isOld).Add(ready.TotalMilliseconds);
                }
                await lab.StopAsync(server);
            });
        }
        Add(table, "ready, empty store", took.Old, took.New, " ms", AtMost(0.6));
        Add(table, "CPU until ready", cpu.Old, cpu.New, " ms");
    }

    private static async Task MemoryAsync(Lab lab, Table table, Pair<string> builds, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(SlowSpeed, cancellationToken);
        var front = await lab.StartFrontAsync(sandbox, cancellationToken);
        Pair<List<double>> idle = new([], []), peak = new([], []), after = new([], []);
        for (var round = 1; round <= Math.Min(lab.Settings.Rounds, 3); round++)
        {
            await builds.InTurnAsync(round, async (build, isOld) =>
            {
                var (server, _) = await StartAsync(lab, build, front.BaseUrl, $"memory-{isOld}-{round}", cancellationToken);
                await Task.Delay(Settling, TimeProvider.System, cancellationToken);
                idle.Of(isOld).Add(server.Child.ResidentBytes / Megabyte);
                await Task.WhenAll(Enumerable.Range(0, lab.Settings.InFlight).Select(_ => server.GenerateAsync(
                    Requests.Body(Interlocked.Increment(ref _seed), 1024, "sandbox/slow", 20), cancellationToken)));
                peak.Of(isOld).Add(server.Child.PeakResidentBytes / Megabyte);
                await Task.Delay(Settling, TimeProvider.System, cancellationToken);
                after.Of(isOld).Add(server.Child.ResidentBytes / Megabyte);
                await lab.StopAsync(server);
            });
        }
        var count = $"{lab.Settings.InFlight:N0} in flight";
        Add(table, "idle memory", idle.Old, idle.New, " MB", AtMost(0.6));
        Add(table, $"highest memory, {count}, 1 MB images", peak.Old, peak.New, " MB", AtMost(0.75));
        Add(table, $"memory five seconds after {count}", after.Old, after.New, " MB", AtMost(0.5));
    }

    private static async Task RestartAsync(Lab lab, Table table, Pair<string> builds, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(RestartSpeed, cancellationToken);
        var servers = await builds.SelectAsync(async (build, name) =>
        {
            var (server, _) = await StartAsync(lab, build, sandbox.BaseUrl, name, cancellationToken);
            for (var made = 0; made < lab.Settings.InFlight; made++)
                await server.AcceptAsync(Requests.Body(Interlocked.Increment(ref _seed), Pixels, "sandbox/slow"), cancellationToken);
            // One at a time: the other one would poll its thousand runs meanwhile.
            await lab.KillAsync(server);
            return build;
        });
        Pair<List<double>> took = new([], []);
        for (var round = 1; round <= lab.Settings.Rounds; round++)
        {
            await servers.InTurnAsync(round, async (build, isOld) =>
            {
                var (server, ready) = await StartAsync(lab, build, sandbox.BaseUrl, isOld ? "old" : "new", cancellationToken);
                took.Of(isOld).Add(ready.TotalMilliseconds);
                await Task.Delay(Settling / 2, TimeProvider.System, cancellationToken);
                await lab.KillAsync(server);
            });
        }
        Add(table, $"serving again after kill -9, {lab.Settings.InFlight:N0} in flight", took.Old, took.New, " ms", AtMost(0.6));
    }

    private static Task SizeAsync(Lab lab, Table table, Pair<string> builds, CancellationToken cancellationToken)
    {
        // As the Dockerfile leaves it: without the native libraries of other platforms.
        var own = $"{Path.DirectorySeparatorChar}linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}"
            + Path.DirectorySeparatorChar;
        var sizes = builds.Select(build => new DirectoryInfo(Lab.PublishedFolder(build))
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file => !file.FullName.Contains("/runtimes/", StringComparison.Ordinal)
                || file.FullName.Contains(own, StringComparison.Ordinal))
            .Sum(file => file.Length) / Megabyte);
        Add(table, "published folder", [sizes.Old], [sizes.New], " MB", AtMost(0.6));
        return Task.CompletedTask;
    }

    private static Func<double, Target> AtMost(double most) => figure => Target.AtMost(most, figure);

    private static Func<double, Target> AtLeast(double least) => figure => Target.AtLeast(least, figure);
}

/// <summary>The same of both builds.</summary>
internal sealed record Pair<T>(T Old, T New)
{
    public T Of(bool isOld) => isOld ? Old : New;

    public Pair<TOther> Select<TOther>(Func<T, TOther> selector) => new(selector(Old), selector(New));

    public async Task<Pair<TOther>> SelectAsync<TOther>(Func<T, string, Task<TOther>> selector) =>
        new(await selector(Old, "old"), await selector(New, "new"));

    /// <summary>Runs both one after the other; the rounds take turns in which is first.</summary>
    public async Task InTurnAsync(int round, Func<T, bool, Task> run)
    {
        foreach (var isOld in round % 2 == 1 ? (bool[])[true, false] : [false, true])
            await run(Of(isOld), isOld);
    }
}
