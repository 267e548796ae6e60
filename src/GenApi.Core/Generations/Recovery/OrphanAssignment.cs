using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Recovery;

/// <summary>The result of the search for a lost creation.</summary>
internal enum OrphanFate
{
    /// <summary>It is not there.</summary>
    Missing,

    /// <summary>A prediction is there that may belong to it or to another generation; a later search will decide.</summary>
    Unclear,

    Found,
}

/// <param name="Fate">The result.</param>
/// <param name="Prediction">Set with <see cref="OrphanFate.Found"/>.</param>
internal readonly record struct OrphanFinding(OrphanFate Fate, Prediction? Prediction = null);

/// <summary>
/// Assigns predictions without a generation to all generations without a prediction, and returns the result for one of them. The result
/// depends only on what is compared, and not on which generation searches first.
/// </summary>
internal static class OrphanAssignment
{
    /// <param name="self">The generation that asks.</param>
    /// <param name="all">
    /// All generations that were sent and have no prediction: <paramref name="self"/>, and also those without a search at this moment.
    /// </param>
    /// <param name="predictions">Those that no generation owns.</param>
    /// <param name="distance">As <see cref="SentRun.DistanceTo"/>.</param>
    /// <param name="isSettled">Whether a guess counts: before that, what fits better may not be listed yet.</param>
    public static OrphanFinding Decide(
        SentRun self, IEnumerable<SentRun> all, IEnumerable<Prediction> predictions,
        Func<SentRun, Prediction, int?> distance, bool isSettled)
    {
        var runs = all.OrderBy(run => run.Generation.Status.IsTerminal()).ThenBy(run => run.Generation.CancelRequestedAt is not null)
            .ThenBy(run => run.Generation.SubmittingAt).ThenBy(run => run.Generation.Number).ToList();
        // A list that grows while it is paged through can show a prediction twice.
        var free = predictions.DistinctBy(prediction => prediction.Id)
            .OrderBy(prediction => prediction.CreatedAt).ThenBy(prediction => prediction.Id, StringComparer.Ordinal).ToList();
        var fits = free.Where(prediction => distance(self, prediction) is < SentRun.Guess).ToList();
        var waiting = runs.ToList();
        for (var tier = SentRun.Equal; tier < SentRun.Guess; tier++)
        {
            // Identical requests may swap predictions, except for those that are older than they are. So the oldest prediction goes first.
            foreach (var prediction in free.ToList())
            {
                if (waiting.Find(run => distance(run, prediction) == tier) is not { } owner)
                    continue;
                if (owner == self)
                    return new(OrphanFate.Found, prediction);
                waiting.Remove(owner);
                free.Remove(prediction);
            }
        }
        // By this count all that fit belong to others. They will claim them, or it turns out that one is left.
        return fits.Count > 0 ? new(OrphanFate.Unclear) : Guess(self, runs, free, distance, isSettled);
    }

    /// <summary>
    /// Guesses where a prediction can be compared only in part. It counts if no other generation fits it better, none that asks for
    /// something else fits it as well, and this generation fits no other prediction better.
    /// </summary>
    private static OrphanFinding Guess(
        SentRun self, List<SentRun> runs, List<Prediction> free, Func<SentRun, Prediction, int?> distance, bool isSettled)
    {
        var own = free.Select(prediction => (prediction, far: distance(self, prediction)))
            .Where(pair => pair.far is not null && !runs.Exists(run => distance(run, pair.prediction) < pair.far)).ToList();
        if (own.Count == 0)
            return new(OrphanFate.Missing);
        var nearest = own.Min(pair => pair.far);
        var nearby = own.Where(pair => pair.far == nearest).Select(pair => pair.prediction)
            .Where(prediction => !runs.Exists(run => distance(run, prediction) == nearest && !run.IsAlike(self))).ToList();
        var place = runs.Where(run => run.IsAlike(self)).ToList().IndexOf(self);
        return isSettled && place < nearby.Count ? new(OrphanFate.Found, nearby[place]) : new(OrphanFate.Unclear);
    }
}
