using GenApi.Core.Cluster;

namespace GenApi.Core.Uploads;

/// <summary>Rows in memory that other instances have changed or removed.</summary>
public sealed partial class UploadLibrary : IChangeListener
{
    void IChangeListener.Changed(IReadOnlyList<StoreChange> changes)
    {
        var ids = changes.Where(static change => change.Kind is StoreChangeKind.Upload or StoreChangeKind.UploadRemoved)
            .Select(static change => change.Subject).ToList();
        if (ids.Count > 0)
            _recent.Remove(ids);
    }

    void IChangeListener.Lost() => _recent.Clear();
}
