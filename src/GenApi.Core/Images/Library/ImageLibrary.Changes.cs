using GenApi.Core.Cluster;

namespace GenApi.Core.Images.Library;

/// <summary>Rows in memory that other instances have changed or removed.</summary>
public sealed partial class ImageLibrary : IChangeListener
{
    void IChangeListener.Changed(IReadOnlyList<StoreChange> changes)
    {
        var ids = changes.Where(static change => change.Kind is StoreChangeKind.Output or StoreChangeKind.OutputRemoved)
            .Select(static change => change.Subject).ToList();
        if (ids.Count > 0)
            _recent.Remove(ids);
    }

    void IChangeListener.Lost() => _recent.Clear();
}
