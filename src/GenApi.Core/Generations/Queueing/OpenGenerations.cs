using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// Counts the open generations, so that accepting one need not count rows, and bounds them by <c>Generations:MaxQueued</c>. Each has its
/// clock for as long as it counts. Instances that share a database count each other's at every heartbeat, so within some seconds they can
/// pass the bound by what they accepted meanwhile.
/// </summary>
internal sealed class OpenGenerations(GenerationTimelines timelines, IOptions<GenerationOptions> options) : IHeartbeatPart
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Overloaded: <c>Generations:MaxQueued</c> are open. Null: there is room for another.</summary>
    public GenApiException? Fault => Count < options.Value.MaxQueued
        ? null
        : new GenApiException(ErrorKind.Overloaded, "Too many generations are waiting.") { RetryAfter = AskAgain, IsTransient = true };

    /// <summary>Starts with the rows that earlier processes left open.</summary>
    public void Begin(int count) => Volatile.Write(ref _count, count);

    /// <summary>
    /// Counts the rows of all instances. Nothing is accepted or ended here meanwhile, because it runs in the writer: what the same
    /// transaction has accepted is among the rows.
    /// </summary>
    async Task IHeartbeatPart.BeatAsync(GenApiDbContext db, Heartbeat beat, CancellationToken cancellationToken) =>
        Begin(await db.Set<Generation>().CountAsync(row => row.CompletedAt == null, cancellationToken));

    /// <summary>Makes the slot of a generation that may be accepted.</summary>
    public Slot NewSlot() => new(this);

    /// <summary>Stops counting a generation that has reached a terminal status.</summary>
    public void Ended(Guid id)
    {
        timelines.End(id);
        Interlocked.Decrement(ref _count);
    }

    private void Accepted(Generation generation)
    {
        timelines.Begin(generation);
        Interlocked.Increment(ref _count);
    }

    /// <summary>
    /// Counts one new generation. It counts from within the transaction that accepts it, so the requests behind it in the same transaction
    /// see it. Disposing of the slot takes the count back, unless the generation was committed.
    /// </summary>
    public sealed class Slot(OpenGenerations open) : IDisposable
    {
        private Guid? _occupant;

        /// <summary>Counts the generation; call it in the writer's transaction, which may run again with another one.</summary>
        public void Occupy(Generation generation)
        {
            Dispose();
            open.Accepted(generation);
            _occupant = generation.Id;
        }

        /// <summary>Keeps the count; call it after the commit.</summary>
        public void Keep() => _occupant = null;

        public void Dispose()
        {
            if (_occupant is { } id)
                open.Ended(id);
            _occupant = null;
        }
    }
}
