using GenApi.Core.Accounts;
using GenApi.Core.Generations.Signals;

namespace GenApi.Core.Generations.Following;

/// <summary>Decides which changes concern a caller, and which rows have to be read for them.</summary>
internal static class FeedRules
{
    /// <summary>Returns whether a caller may learn of a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="generation">The generation that it is about, as it is now; null: there is none in lists.</param>
    /// <param name="caller">The caller.</param>
    public static bool Concerns(GenerationChange change, SeenGeneration? generation, Caller caller) => change.Kind switch
    {
        ChangeKind.Removed => caller.SeesAll || change.Accounts.Contains(caller.AccountId),
        // Administrators saw it before, and still see it.
        ChangeKind.Granted or ChangeKind.Left => !caller.SeesAll && change.Account == caller.AccountId,
        ChangeKind.Tagged => change.Account == caller.AccountId,
        _ => generation?.IsSeenBy(caller) == true,
    };

    /// <summary>Returns the event of a change that can be reported without its row.</summary>
    public static FeedEvent WithoutRow(GenerationChange change, string position) => change.Kind switch
    {
        ChangeKind.Removed or ChangeKind.Left => new FeedEvent.Removed(change.Subject) { Position = position },
        _ => new FeedEvent.OutputMoved(change.Subject, change.IsImage, change.Generation, change.Kind == ChangeKind.OutputRestored)
        {
            Position = position,
        },
    };

    /// <summary>Lists the generations whose rows must be read to report the changes.</summary>
    public static HashSet<Guid> GenerationsOf(IEnumerable<GenerationChange> changes) => [.. changes
        .Where(each => each.Kind is not (ChangeKind.Tagged or ChangeKind.Removed or ChangeKind.Left)).Select(GenerationOf)];

    /// <summary>Returns the generation that a change is about.</summary>
    public static Guid GenerationOf(GenerationChange change) =>
        change.Kind is ChangeKind.OutputRemoved or ChangeKind.OutputRestored ? change.Generation : change.Subject;
}
