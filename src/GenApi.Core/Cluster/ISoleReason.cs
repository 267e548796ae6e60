namespace GenApi.Core.Cluster;

/// <summary>
/// A reason why this instance must be the only one on its store, although the database could serve several. Register it as a singleton of
/// this type.
/// </summary>
public interface ISoleReason
{
    /// <summary>
    /// The reason as the beginning of a sentence, such as "Blobs:Provider=disk keeps images on the disk of one machine"; null: there is
    /// none.
    /// </summary>
    string? WhyAlone { get; }
}
