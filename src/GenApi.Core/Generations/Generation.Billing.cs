using GenApi.Core.Models;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;

namespace GenApi.Core.Generations;

public sealed partial class Generation
{
    /// <summary>
    /// Works out the cost of the run, at the price it was accepted under. A run that surely never reached the upstream, or was aborted
    /// before it started, costs nothing, and that needs no price.
    /// </summary>
    private long? Bill(DateTimeOffset now, long? pixels)
    {
        if (!WasSent || UpstreamEnding == PredictionStatus.Aborted)
            return 0;
        if (ModelPrice.Parse(Price) is not { } price)
            return null;
        if (UpstreamEnding is { } ending)
            return MicroDollars.Of(price.CostOf(Billed(ending, now, pixels)));
        // The upstream never said how it ended. It may have run to its end, so it counts in full: lost answers must not lead past a limit
        // on money.
        var longest = (DeadlineAt < now ? DeadlineAt : now) - (AcceptedAt ?? Later(SubmittingAt, CreatedAt));
        return price.IsByTime && longest is { } spent ? MicroDollars.AtLeast(price.PerSecond * Seconds(spent)) : EstimatedMicros;
    }

    private BilledRun Billed(PredictionStatus ending, DateTimeOffset now, long? pixels)
    {
        var images = OutputCount ?? 0;
        // If the upstream measured nothing, our own clock is the best there is. A run that never started took no time.
        var ended = StoringAt ?? now;
        // It can't have started before it was sent, whatever the upstream's clock says.
        var started = StartedAt < SubmittingAt ? SubmittingAt : StartedAt;
        var predict = PredictSeconds ?? (double)Seconds(ended - started ?? TimeSpan.Zero);
        var total = UpstreamSeconds ?? (double)Seconds(ended - AcceptedAt ?? TimeSpan.Zero);
        return new(ending, predict, Math.Max(total, predict), images, pixels ?? (long)images * ModelPrice.Megapixel);
    }

    /// <summary>The time of sending goes by the upstream's clock, which may differ from the row's.</summary>
    private static DateTimeOffset? Later(DateTimeOffset? sent, DateTimeOffset created) => sent < created ? created : sent;

    private static decimal Seconds(TimeSpan span) => (decimal)Math.Max(0, span.TotalSeconds);
}
