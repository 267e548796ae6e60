namespace GenApi.Core.Persistence;

/// <summary>
/// Identifies a transaction of a writer. It is stored with the transaction, so that a writer whose connection broke finds out whether the
/// transaction was committed.
/// </summary>
/// <param name="Writer">The name of the writer's instance.</param>
/// <param name="Number">The number of the transaction, which grows.</param>
internal readonly record struct WriteMark(string Writer, long Number);

/// <summary>A transaction of the writer, with the works that share it.</summary>
internal abstract class WriteTransaction : IAsyncDisposable
{
    /// <summary>The time of the server; null where the engine has no clock.</summary>
    public virtual DateTimeOffset? Now => null;

    /// <summary>True if the same transaction was committed before, on a connection that broke. Nothing is left to do.</summary>
    public virtual bool IsDone => false;

    /// <summary>True if it wrote something. A commit without changes proves nothing about the disk.</summary>
    public abstract bool HasChanges { get; }

    /// <summary>Begins the next work, or the first one.</summary>
    public abstract Task BeginWorkAsync();

    /// <summary>
    /// Ends a work that succeeded. It throws if the work hides a failed statement, after which the engine would store nothing.
    /// </summary>
    public abstract Task EndWorkAsync();

    /// <summary>Takes back the changes of the work that was begun last, and no others.</summary>
    public abstract Task UndoWorkAsync();

    /// <summary>Stores all works.</summary>
    public abstract Task CommitAsync();

    public abstract ValueTask DisposeAsync();
}
