namespace GenApi.Bench;

/// <summary>Measures two servers in alternation with wrk. The first turn of each is not counted.</summary>
internal sealed class Duel(Lab lab, string title)
{
    /// <summary>The runtime keeps recompiling a path of this length for more than ten seconds, on both sides.</summary>
    private const int WarmUpSeconds = 15;

    public sealed record Side(string Name, Server Server, WrkRequest Request);

    public sealed record Turn(WrkResult Result, TimeSpan CpuPerRequest);

    /// <returns>A turn of each side for every round.</returns>
    public async Task<(IReadOnlyList<Turn> Ours, IReadOnlyList<Turn> Theirs)> RunAsync(
        Side ours, Side theirs, CancellationToken cancellationToken)
    {
        await TurnAsync(ours, WarmUpSeconds, cancellationToken);
        await TurnAsync(theirs, WarmUpSeconds, cancellationToken);
        List<Turn> our = [], their = [];
        for (var round = 1; round <= lab.Settings.Rounds; round++)
        {
            // The sides take turns in beginning, so that neither always follows the other's heat.
            if (round % 2 == 1)
            {
                our.Add(await TurnAsync(ours, lab.Settings.Seconds, cancellationToken));
                their.Add(await TurnAsync(theirs, lab.Settings.Seconds, cancellationToken));
            }
            else
            {
                their.Add(await TurnAsync(theirs, lab.Settings.Seconds, cancellationToken));
                our.Add(await TurnAsync(ours, lab.Settings.Seconds, cancellationToken));
            }
            await Console.Error.WriteLineAsync($"  {title}, round {round}: {Raw(ours, our[^1])}; {Raw(theirs, their[^1])}");
        }
        return (our, their);
    }

    private async Task<Turn> TurnAsync(Side side, int seconds, CancellationToken cancellationToken)
    {
        var before = side.Server.Child.CpuTime;
        var result = await side.Request.RunAsync(lab.WrkScript, seconds, cancellationToken);
        return new Turn(result, (side.Server.Child.CpuTime - before) / Math.Max(1, result.Requests));
    }

    private static string Raw(Side side, Turn turn) =>
        $"{side.Name} {turn.Result.PerSecond:N0}/s p50 {turn.Result.P50.TotalMilliseconds:0.00} ms "
            + $"p99 {turn.Result.P99.TotalMilliseconds:0.00} ms";
}
