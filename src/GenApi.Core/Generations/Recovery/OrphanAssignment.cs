using GenApi.Core.Replicate;

namespace GenApi.Core.Generations.Recovery;

/// <summary>What the search for a lost creation came to.</summary>
internal enum OrphanFate
{
    /// <summary>It is not there.</summary>
    Missing,

    /// <summary>Something is there that may belong to it or to another generation; looking again will tell.</summary>
    Unclear,

    Found,
}

/// <param name="Fate">What it came to.</param>
/// <param name="Prediction">Set with <see cref="OrphanFate.Found"/>.</param>
internal readonly record struct OrphanFinding(OrphanFate Fate, Prediction? Prediction = null);

/// <summary>
/// Assigns predictions that nobody owns to all generations that have none, and says what that means for one of them. Whoever searches
/// first, the result is the same: it depends
/// on what is compared alone.
/// </summary>
internal static class OrphanAssignment
{
    /// <param name="self">The generation that asks.</param>
    /// <param name="all">
    /// All that were sent and have no prediction, <paramref name="self"/> included, also those that nobody searches for at this moment.
    /// </param>
    /// <param name="predictions">Owned by nobody.</param>
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
            // Identical requests may have each other's predictions, but for those that are older than they are: so the oldest prediction
            // goes first.
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
        // All that fit are others' by this count. They will take them, or it turns out that one is left.
        return fits.Count > 0 ? new(OrphanFate.Unclear) : Guess(self, runs, free, distance, isSettled);
    }

    /// <summary>
    /// A prediction that can be compared only in part counts where no other generation fits it better, and none that asks for something
    /// else as well; and where this generation
    /// fits no other prediction better.
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
        var place = runs.Where(run => !run.Generation.Status.IsTerminal() && run.IsAlike(self)).ToList().IndexOf(self);
        return isSettled && place < nearby.Count ? new(OrphanFate.Found, nearby[place]) : new(OrphanFate.Unclear);
    }
}
