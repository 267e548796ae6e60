namespace GenApi.Core.Blobs;

/// <summary>The section <c>Blobs</c>.</summary>
public sealed class BlobsOptions
{
    public const string Section = "Blobs";

    internal static readonly string[] Providers = ["disk"];

    public string Provider { get; set; } = Providers[0];

    /// <summary>Where the disk provider stores its files; empty means <c>blobs</c> in <c>DataDirectory</c>.</summary>
    public string Folder { get; set; } = "";

    /// <summary>Memory for blobs that are requested repeatedly, in bytes; 0 turns the memory off.</summary>
    public long HotBytes { get; set; } = 24 << 20;

    /// <summary>The largest blob held in memory, in bytes; larger ones always come from the disk.</summary>
    public int HotBlobBytes { get; set; } = 2 << 20;
}
