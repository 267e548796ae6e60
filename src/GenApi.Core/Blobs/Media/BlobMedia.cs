using GenApi.Core.Blobs.Disk;
using GenApi.Core.Blobs.S3;
using GenApi.Core.Errors;
using GenApi.Core.Persistence.Files;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Blobs.Media;

/// <summary>Makes the store of each provider from the settings.</summary>
public sealed class BlobMedia
{
    private readonly BlobsOptions _blobs;
    private readonly S3Options _s3;
    private readonly DataDirectory _directory;
    private readonly DurableFiles _files;
    private readonly TimeProvider _time;

    public BlobMedia(
        IOptions<BlobsOptions> blobs, IOptions<S3Options> s3, DataDirectory directory, DurableFiles files, TimeProvider time) =>
        (_blobs, _s3, _directory, _files, _time) = (blobs.Value, s3.Value, directory, files, time);

    /// <summary>Makes the store of <c>Blobs:Provider</c>.</summary>
    /// <exception cref="SettingException">The provider is not known.</exception>
    internal IBlobMedium Make() => Make(_blobs.Provider);

    /// <summary>Makes the store of a provider, whichever the settings choose.</summary>
    /// <exception cref="SettingException">The provider is not known.</exception>
    internal IBlobMedium Make(string provider)
    {
        if (provider.Equals(BlobsOptions.S3, StringComparison.OrdinalIgnoreCase))
            return new S3BlobStore(_s3, _directory.PathOf("staging"), _files);
        return provider.Equals(BlobsOptions.Disk, StringComparison.OrdinalIgnoreCase)
            ? new FileBlobStore(_blobs.Folder, _files, _time)
            : throw new SettingException(
                "Blobs:Provider", $"'{provider}' is not known. Allowed: {string.Join(", ", BlobsOptions.Providers)}.");
    }
}
