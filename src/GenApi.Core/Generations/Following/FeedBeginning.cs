using GenApi.Core.Accounts;
using GenApi.Core.Generations.Signals;

namespace GenApi.Core.Generations.Following;

/// <summary>Reads what a stream begins with.</summary>
internal sealed class FeedBeginning(IFeedLog log, FeedReader reader, FeedPositions positions, TimeProvider time)
{
    /// <summary>Lists what was missed since the last event, the unfinished generations, and Ready.</summary>
    /// <param name="caller">The caller.</param>
    /// <param name="until">The last change to list; later ones are handed to the listener.</param>
    /// <param name="lastId">The id of the last event that the caller has; null: none.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<FeedEvent>> ReadAsync(Caller caller, long until, string? lastId, CancellationToken cancellationToken)
    {
        var events = new List<FeedEvent>();
        if (lastId is not null)
            events.AddRange(await MissedAsync(caller, until, lastId, cancellationToken));
        var known = events.OfType<FeedEvent.Changed>().Select(each => each.Details.Generation.Id).ToHashSet();
        foreach (var unfinished in await reader.UnfinishedAsync(caller, cancellationToken))
        {
            if (!known.Contains(unfinished.Generation.Id))
                events.Add(new FeedEvent.Changed(unfinished));
        }
        events.Add(new FeedEvent.Ready { Position = positions.At(until) });
        return events;
    }

    private async Task<IReadOnlyList<FeedEvent>> MissedAsync(
        Caller caller, long until, string lastId, CancellationToken cancellationToken)
    {
        var isKnown = FeedPosition.TryParse(lastId, out var position);
        if (isKnown && position.Log == log.Name && await ChangesAsync(position.Number, until, cancellationToken) is { } missed
            && await EventsAsync(caller, missed, cancellationToken) is { } events)
            return events;
        // Another log has it, or too much has happened. Deletions, pins and tags of that time can't be found in rows.
        var ended = isKnown ? await reader.EndedAsync(position.At, time.GetUtcNow(), caller, cancellationToken) : [];
        return [new FeedEvent.Reset(), .. ended.Select(each => new FeedEvent.Changed(each))];
    }

    /// <returns>Null: too much has happened, or it is forgotten.</returns>
    private async Task<IReadOnlyList<GenerationChange>?> ChangesAsync(long after, long until, CancellationToken cancellationToken)
    {
        var missed = new List<GenerationChange>();
        // A position beyond the last change is none of this log.
        while (after != until)
        {
            if (await log.AfterAsync(after, cancellationToken) is not { } next || missed.Count > GenerationChanges.Most)
                return null;
            missed.AddRange(next.Changes.Where(each => each.Number <= until));
            if (next.Through == after || next.Through >= until)
                break;
            after = next.Through;
        }
        return missed;
    }

    /// <returns>In the order in which it happened; null: it is too much.</returns>
    private async Task<IReadOnlyList<FeedEvent>?> EventsAsync(
        Caller caller, IReadOnlyList<GenerationChange> missed, CancellationToken cancellationToken)
    {
        if (await reader.ReadAsync(FeedRules.GenerationsOf(missed), caller, cancellationToken) is not { } visible)
            return null;
        var events = new List<FeedEvent>();
        var listed = new HashSet<Guid>();
        foreach (var change in missed)
        {
            var position = positions.At(change.Number);
            var details = visible.GetValueOrDefault(FeedRules.GenerationOf(change));
            switch (change.Kind)
            {
                case ChangeKind.Changed:
                case ChangeKind.Granted when change.Account == caller.AccountId:
                    if (details is not null && listed.Add(change.Subject))
                        events.Add(new FeedEvent.Changed(details) { Position = position });
                    break;
                case ChangeKind.Tagged when change.Account == caller.AccountId:
                    if (await reader.TagsAsync(change.Subject, caller, cancellationToken) is { } tags)
                        events.Add(new FeedEvent.Tagged(change.Subject, tags) { Position = position });
                    break;
                case ChangeKind.Removed or ChangeKind.Left when FeedRules.Concerns(change, null, caller):
                case ChangeKind.OutputRemoved or ChangeKind.OutputRestored when details is not null:
                    events.Add(FeedRules.WithoutRow(change, position));
                    break;
            }
        }
        return events;
    }
}
