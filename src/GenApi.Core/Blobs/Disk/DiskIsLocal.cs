using GenApi.Core.Cluster;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Blobs.Disk;

/// <summary>Other instances can't read the images on this machine's disk.</summary>
internal sealed class DiskIsLocal(IOptions<BlobsOptions> options) : ISoleReason
{
    /// <inheritdoc/>
    public string? WhyAlone => options.Value.IsS3 ? null : "Blobs:Provider=disk keeps the images on the disk of one machine";
}
