namespace GenApi.Core.Blobs;

/// <summary>The section <c>Blobs</c>.</summary>
public sealed class BlobsOptions
{
    public const string Section = "Blobs";

    /// <summary>Names of providers.</summary>
    internal const string Disk = "disk", S3 = "s3";

    internal static readonly string[] Providers = [Disk, S3];

    /// <summary>The kind of storage for image bytes.</summary>
    /// <value><c>disk</c> or <c>s3</c></value>
    public string Provider { get; set; } = Disk;

    /// <summary>The folder of the <c>disk</c> provider. Empty: <c>blobs</c> in <c>DataDirectory</c>.</summary>
    /// <value>a folder</value>
    public string Folder { get; set; } = "";

    /// <summary>Memory for images that are requested often, in bytes. 0: none.</summary>
    /// <value>0 or more</value>
    public long HotBytes { get; set; } = 24 << 20;

    /// <summary>The largest image kept in that memory, in bytes. Larger ones always come from the store.</summary>
    /// <value>0 or more</value>
    public int HotBlobBytes { get; set; } = 2 << 20;

    /// <summary>
    /// With the provider <c>s3</c>, redirects callers who may see an image or a file to the S3 server for its bytes, by an address that is
    /// good for five minutes. Callers must reach that server.
    /// </summary>
    /// <value><c>true</c> or <c>false</c></value>
    public bool Redirect { get; set; }

    /// <summary>True for the provider <c>s3</c>.</summary>
    internal bool IsS3 => string.Equals(Provider, S3, StringComparison.OrdinalIgnoreCase);
}
