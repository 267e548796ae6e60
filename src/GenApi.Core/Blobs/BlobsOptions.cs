namespace GenApi.Core.Blobs;

/// <summary>Section <c>Blobs</c>.</summary>
public sealed class BlobsOptions
{
    public const string Section = "Blobs";

    internal static readonly string[] Providers = ["disk"];

    public string Provider { get; set; } = Providers[0];

    /// <summary>Where the disk provider keeps its files; empty means <c>blobs</c> in <c>DataDirectory</c>.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Memory for blobs that are asked for again and again, in bytes; 0 turns it off.</summary>
    public long HotBytes { get; set; } = 24 << 20;

    /// <summary>A larger blob always comes from the disk, in bytes.</summary>
    public int HotBlobBytes { get; set; } = 2 << 20;
}
