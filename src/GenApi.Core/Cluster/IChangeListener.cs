namespace GenApi.Core.Cluster;

/// <summary>
/// Learns what other instances have changed in the store. Register it as a singleton of this type. Both methods run on the loop that reads
/// the changes: they must return at once and never throw for a change they do not know.
/// </summary>
public interface IChangeListener
{
    /// <summary>
    /// Receives the changes of other instances, in the order of their commits. What this instance wrote is not among them.
    /// </summary>
    void Changed(IReadOnlyList<StoreChange> changes);

    /// <summary>Changes may have been missed, or are no longer there: forget everything that another instance could have changed.</summary>
    void Lost();
}
