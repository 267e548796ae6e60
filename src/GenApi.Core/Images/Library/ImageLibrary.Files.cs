using System.Net.Mime;
using GenApi.Core.Blobs;
using GenApi.Core.Images.Probes;

namespace GenApi.Core.Images.Library;

/// <summary>Files from outside that need not be images.</summary>
public sealed partial class ImageLibrary
{
    private static readonly FilePromise AnyFile = new(null, MediaTypeNames.Application.Octet) { IsAccepted = true };

    /// <summary>Stages any file, whatever its bytes are. An image must be complete.</summary>
    /// <inheritdoc cref="StageAsync(Stream, CancellationToken)"/>
    internal Task<StagedImage> StageFileAsync(Stream content, CancellationToken cancellationToken) =>
        StageAsync(
            content, null, static (staged, _) => OutputProbe.Read(staged.Read, staged.Length, AnyFile, static () => true),
            cancellationToken);

    /// <summary>Stages bytes without examining them.</summary>
    /// <inheritdoc cref="StageAsync(Stream, CancellationToken)"/>
    internal Task<StagedImage> StageUnseenAsync(Stream content, FileFacts facts, CancellationToken cancellationToken) =>
        StageAsync(content, null, (_, _) => facts, cancellationToken);

    /// <summary>Opens the bytes with this hash; null if they are not in the store. The caller disposes them.</summary>
    internal ValueTask<BlobContent?> OpenBlobAsync(string blobKey, CancellationToken cancellationToken) =>
        _blobs.OpenAsync(blobKey, cancellationToken);
}
