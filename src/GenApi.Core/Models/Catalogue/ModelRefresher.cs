using GenApi.Core.Background;
using GenApi.Core.Cluster;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Models.Catalogue;

/// <summary>
/// Reads again, once a minute, the models in use that are due: on a shared store from the row, if another instance has asked the upstream
/// since. Rows that another instance has written are taken over at once.
/// </summary>
internal sealed class ModelRefresher(ModelCatalogue catalogue, ICluster cluster, TimeProvider time, ILogger<ModelRefresher> logger)
    : BackgroundLoop(time, logger, TimeSpan.FromMinutes(1)), IChangeListener
{
    private int _hasChanged;

    void IChangeListener.Changed(IReadOnlyList<StoreChange> changes)
    {
        if (changes.Any(static change => change.Kind == StoreChangeKind.Setting))
            Reload();
    }

    void IChangeListener.Lost() => Reload();

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        if (Interlocked.Exchange(ref _hasChanged, 0) == 1)
            await catalogue.ReloadAsync(stopping);
        await catalogue.RefreshDueAsync(stopping, cluster.IsShared);
    }

    private void Reload()
    {
        Volatile.Write(ref _hasChanged, 1);
        Wake();
    }
}
