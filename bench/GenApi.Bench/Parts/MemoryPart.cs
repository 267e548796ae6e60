using System.Globalization;

namespace GenApi.Bench.Parts;

/// <summary>
/// Measures the resident memory of the GenApi process: idle, and with a thousand predictions and a thousand waiting callers.
/// </summary>
internal static class MemoryPart
{
    private const double Megabyte = 1 << 20;
    private const double MostIdle = 150;
    private const double MostBusy = 300;
    private const int Pixels = 1024;
    private const int Steps = 20;

    /// <summary>sandbox/slow takes 1.5 s per step: 15 s at this speed, enough for all to be in flight.</summary>
    private const double Speed = 2;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(Speed, cancellationToken);
        var front = await lab.StartFrontAsync(sandbox, cancellationToken);
        var inFlight = lab.Settings.InFlight;
        var (genApi, _) = await lab.StartGenApiAsync(
            front.BaseUrl,
            "data",
            new Dictionary<string, string> { ["Replicate__MaxInFlight"] = inFlight.ToString(CultureInfo.InvariantCulture) },
            cancellationToken);
        await Task.Delay(Settling, TimeProvider.System, cancellationToken);
        var idle = genApi.Child.ResidentBytes / Megabyte;
        table.Single("memory", "idle after the start", $"{idle:0} MB", Target.AtMost(MostIdle, idle, " MB"));

        var answers = await Task.WhenAll(Enumerable.Range(0, inFlight).Select(
            each => genApi.GenerateAsync(Requests.Body(1 + each, Pixels, "sandbox/slow", Steps), cancellationToken)));
        var peak = genApi.Child.PeakResidentBytes / Megabyte;
        var spans = answers.Select(each => Requests.Parse(each.Answer)).Select(each => (
            From: each.GetProperty("started_at").GetDateTimeOffset(), To: each.GetProperty("completed_at").GetDateTimeOffset())).ToArray();
        var most = spans.Max(span => spans.Count(other => other.From <= span.From && other.To > span.From));
        table.Single(
            "memory",
            $"highest, {inFlight:N0} in flight and 1 MB images",
            $"{peak:0} MB",
            Target.AtMost(MostBusy, peak, " MB"),
            $"{most:N0} really ran at once; VmHWM");
        await Task.Delay(Settling, TimeProvider.System, cancellationToken);
        table.Single("memory", "five seconds after that", $"{genApi.Child.ResidentBytes / Megabyte:0} MB");
        await lab.StopAsync(genApi);

        var (embedded, _) = await lab.StartGenApiAsync(null, "embedded", null, cancellationToken);
        await Task.Delay(Settling, TimeProvider.System, cancellationToken);
        table.Single("memory", "idle with the embedded sandbox", $"{embedded.Child.ResidentBytes / Megabyte:0} MB");
    }
}
