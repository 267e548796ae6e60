using GenApi.Core.Cluster;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// Counts the generations that the upstream has or may have, against <c>Replicate:MaxInFlight</c>. Instances that share a database divide
/// that number: when one of them dies, its share goes to the others together with its runs.
/// </summary>
internal sealed class InFlightLimit(IOptions<ReplicateOptions> options, ICluster cluster)
{
    private readonly int _most = options.Value.MaxInFlight;
    private int _count;

    /// <summary>Generations that the upstream has, or may have.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The number of generations that may still be sent; negative or zero: none.</summary>
    public int Free => (_most + cluster.LiveInstances - 1) / cluster.LiveInstances - Count;

    /// <summary>Counts another one, also above the limit: the upstream may have it already.</summary>
    public void Acquire() => Interlocked.Increment(ref _count);

    /// <summary>Counts another one if there is room for it.</summary>
    public bool TryAcquire()
    {
        Acquire();
        if (Free >= 0)
            return true;
        Release();
        return false;
    }

    public void Release() => Interlocked.Decrement(ref _count);
}
