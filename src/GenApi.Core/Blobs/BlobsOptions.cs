namespace GenApi.Core.Blobs;

/// <summary>The section <c>Blobs</c>.</summary>
public sealed class BlobsOptions
{
    public const string Section = "Blobs";

    internal static readonly string[] Providers = ["disk"];

    /// <summary>The kind of storage for image bytes.</summary>
    /// <value><c>disk</c></value>
    public string Provider { get; set; } = Providers[0];

    /// <summary>The folder of the <c>disk</c> provider. Empty: <c>blobs</c> in <c>DataDirectory</c>.</summary>
    /// <value>a folder</value>
    public string Folder { get; set; } = "";

    /// <summary>Memory for images that are requested often, in bytes. 0: none.</summary>
    /// <value>0 or more</value>
    public long HotBytes { get; set; } = 24 << 20;

    /// <summary>The largest image kept in that memory, in bytes. Larger ones always come from the disk.</summary>
    /// <value>0 or more</value>
    public int HotBlobBytes { get; set; } = 2 << 20;
}
