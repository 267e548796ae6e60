using GenApi.Core.Diagnostics;
using GenApi.Core.Persistence;

namespace GenApi.Core.Cluster;

/// <summary>Reports the state of a shared cluster to the meter. On SQLite there is nothing to report.</summary>
internal sealed class ClusterGauges(GenApiMetrics metrics, ICluster cluster, ILeadership leadership) : IPreparation
{
    public Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (cluster is not SharedCluster shared)
            return Task.CompletedTask;
        metrics.Meter.CreateObservableGauge(
            "genapi.cluster.instances", () => cluster.LiveInstances, "{instance}", "Live instances, as of the last heartbeat.");
        metrics.Meter.CreateObservableGauge(
            "genapi.cluster.leader", () => leadership.IsLeader ? 1 : 0, null, "1: this instance leads.");
        metrics.Meter.CreateObservableGauge(
            "genapi.cluster.lease.age", () => shared.Age?.TotalSeconds ?? -1, "s",
            "Time since the lease of this instance was renewed; -1: it has none, and sends nothing.");
        return Task.CompletedTask;
    }
}
