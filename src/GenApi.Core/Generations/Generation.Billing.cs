using GenApi.Core.Models;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;

namespace GenApi.Core.Generations;

public sealed partial class Generation
{
    /// <summary>
    /// What the run cost, at the price it was accepted under. What surely never reached the upstream, or was aborted before it started, costs nothing, and that needs no price.
    /// </summary>
    private long? Bill(DateTimeOffset now, long? pixels)
    {
        if (!WasSent || UpstreamEnding == PredictionStatus.Aborted)
            return 0;
        if (ModelPrice.Parse(Price) is not { } price)
            return null;
        if (UpstreamEnding is { } ending)
            return MicroDollars.Of(price.CostOf(Billed(ending, now, pixels)));
        // How it ended was never told. It may have run to its end, so it counts in full: a limit on money must not be passed by answers that got lost.
        var longest = (DeadlineAt < now ? DeadlineAt : now) - (AcceptedAt ?? Later(SubmittingAt, CreatedAt));
        return price.IsByTime && longest is { } spent ? MicroDollars.AtLeast(price.PerSecond * Seconds(spent)) : EstimatedMicros;
    }

    private BilledRun Billed(PredictionStatus ending, DateTimeOffset now, long? pixels)
    {
        var images = OutputCount ?? 0;
        // Where the upstream measured nothing, our own clock is the nearest there is; what never started ran for no time.
        var ended = StoringAt ?? now;
        // It can't have started before it was sent, whatever the upstream's clock says.
        var started = StartedAt < SubmittingAt ? SubmittingAt : StartedAt;
        var predict = PredictSeconds ?? (double)Seconds(ended - started ?? TimeSpan.Zero);
        var total = UpstreamSeconds ?? (double)Seconds(ended - AcceptedAt ?? TimeSpan.Zero);
        return new(ending, predict, Math.Max(total, predict), images, pixels ?? (long)images * ModelPrice.Megapixel);
    }

    /// <summary>The upstream's clock, by which it was sent, may be another than the row's.</summary>
    private static DateTimeOffset? Later(DateTimeOffset? sent, DateTimeOffset created) =>
        sent > created ? sent : sent is null ? null : created;

    private static decimal Seconds(TimeSpan span) => span > TimeSpan.Zero ? (decimal)span.TotalSeconds : 0;
}
