using GenApi.Core.Generations.Signals;

namespace GenApi.Core.Generations.Following;

/// <summary>
/// The changes that listeners follow, by growing numbers. One process remembers its own (<see cref="GenerationChanges"/>). Instances that
/// share a database read them there, so a stream may be continued at any of them.
/// </summary>
internal interface IFeedLog
{
    /// <summary>The name of the log, 8 hexadecimal digits: a position of another log says nothing here.</summary>
    string Name { get; }

    /// <summary>Returns the number of the last change.</summary>
    ValueTask<long> LastAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Lists the changes after a number, oldest first. An object that changed several times may come once, at its last change.
    /// </summary>
    /// <param name="number">The number of the last change that is known.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Null: some of them are forgotten, or the number is not one of this log.</returns>
    ValueTask<FeedChanges?> AfterAsync(long number, CancellationToken cancellationToken);
}

/// <summary>A piece of the log.</summary>
/// <param name="Changes">The changes that concern listeners.</param>
/// <param name="Through">The number of the last change that was read, of whatever kind.</param>
internal readonly record struct FeedChanges(IReadOnlyList<GenerationChange> Changes, long Through);

/// <summary>The log of one process, in its memory.</summary>
internal sealed class OwnFeedLog(GenerationChanges changes) : IFeedLog
{
    /// <summary>Another start has other numbers.</summary>
    public string Name { get; } = FeedPosition.NewName();

    public ValueTask<long> LastAsync(CancellationToken cancellationToken) => new(changes.Last);

    public ValueTask<FeedChanges?> AfterAsync(long number, CancellationToken cancellationToken) => new(
        changes.After(number) is { } found ? new FeedChanges(found, found.Count > 0 ? found[^1].Number : number) : null);
}
