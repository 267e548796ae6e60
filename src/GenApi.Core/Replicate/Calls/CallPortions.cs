using GenApi.Core.Background;
using GenApi.Core.Cluster;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Replicate.Calls;

/// <summary>
/// This instance's portions of the upstream's limits, which hold for an account and so for all instances together. One process alone has
/// none: its limits are its own.
/// </summary>
internal sealed class CallPortions
{
    /// <summary>A portion covers a second of calls at the full rate, so that the database sees a write a second at most.</summary>
    private const int Seconds = 60, Smallest = 10;

    private readonly WakeSignal _asked = new();

    public CallPortions(ICluster cluster, IOptions<ReplicateOptions> options, TimeProvider time)
    {
        if (!cluster.IsShared)
            return;
        Creations = new("creations", Math.Max(Smallest, options.Value.CreationsPerMinute / Seconds), _asked.Wake, time);
        Others = new("reads", Math.Max(Smallest, options.Value.ReadsPerMinute / Seconds), _asked.Wake, time);
    }

    /// <summary>The portion of creations; null: the limit is not shared.</summary>
    public CallPortion? Creations { get; }

    /// <summary>The portion of all other calls; null: the limit is not shared.</summary>
    public CallPortion? Others { get; }

    /// <summary>Waits until tokens are asked for, and at most for a time.</summary>
    public Task AskedAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken) =>
        _asked.WaitAsync(atMost, time, cancellationToken);
}
