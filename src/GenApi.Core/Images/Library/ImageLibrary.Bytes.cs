using System.Security.Cryptography;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;

namespace GenApi.Core.Images.Library;

/// <summary>The bytes of images and files: opening them, whether they are there, and finding staged ones again.</summary>
public sealed partial class ImageLibrary
{
    /// <summary>Opens the whole bytes; the caller disposes them.</summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.NotFound"/> if the image was deleted meanwhile; <see cref="ErrorKind.BlobMissing"/> if its row exists but its
    /// bytes are missing or incomplete.
    /// </exception>
    public ValueTask<BlobContent> OpenAsync(StoredImage image, CancellationToken cancellationToken) =>
        OpenAsync(image, BlobRange.All, cancellationToken);

    /// <summary>Opens the bytes to read a part of them; the caller disposes them.</summary>
    /// <inheritdoc cref="OpenAsync(StoredImage, CancellationToken)"/>
    public ValueTask<BlobContent> OpenAsync(StoredImage image, BlobRange range, CancellationToken cancellationToken) =>
        WholeAsync(image, _blobs.OpenAsync(image.BlobKey, range, cancellationToken), cancellationToken);

    /// <summary>Checks that the whole bytes are in the store, and reads none of them.</summary>
    /// <inheritdoc cref="OpenAsync(StoredImage, CancellationToken)" path="/exception"/>
    public async ValueTask RequireAsync(StoredImage image, CancellationToken cancellationToken)
    {
        if (!await HasAsync(image, cancellationToken))
            throw await GoneAsync(image, cancellationToken);
    }

    /// <summary>Opens the whole bytes as one of many; see <see cref="IBlobStore.OpenOnceAsync"/>.</summary>
    /// <inheritdoc cref="OpenAsync(StoredImage, CancellationToken)"/>
    internal ValueTask<BlobContent> OpenOnceAsync(StoredImage image, CancellationToken cancellationToken) =>
        WholeAsync(image, _blobs.OpenOnceAsync(image.BlobKey, cancellationToken), cancellationToken);

    private async ValueTask<BlobContent> WholeAsync(StoredImage image, ValueTask<BlobContent?> opening, CancellationToken cancellationToken)
    {
        var content = await opening;
        if (content?.Length == image.Bytes)
            return content;
        content?.Dispose();
        throw await GoneAsync(image, cancellationToken);
    }

    /// <summary>Reads the whole bytes into memory and compares them with their hash. Damaged ones go to quarantine.</summary>
    /// <exception cref="GenApiException">As where the bytes are opened; damaged bytes count as missing.</exception>
    internal async Task<ReadOnlyMemory<byte>> ReadWholeAsync(StoredImage image, CancellationToken cancellationToken)
    {
        using (var content = await OpenAsync(image, cancellationToken))
        {
            var bytes = new byte[content.Length];
            var at = 0;
            while (at < bytes.Length && await content.ReadAsync(bytes.AsMemory(at), at, cancellationToken) is var count and > 0)
                at += count;
            if (Convert.ToHexStringLower(SHA256.HashData(bytes)) == image.BlobKey)
                return bytes;
        }
        // Puts them aside, so that the image is made again.
        (await _blobs.OpenVerifiedAsync(image.BlobKey, cancellationToken))?.Dispose();
        throw await GoneAsync(image, cancellationToken);
    }

    /// <summary>Explains why the bytes of an image can't be read.</summary>
    private async Task<GenApiException> GoneAsync(StoredImage image, CancellationToken cancellationToken)
    {
        _recent.Remove(image.Id);
        return await ReadAsync(image.Id, cancellationToken) is null
            ? new GenApiException(ErrorKind.NotFound, $"There is no such {image.Word}.")
            : new GenApiException(ErrorKind.BlobMissing,
                $"The {image.Word} is known, but its bytes are missing from the store. Send the same request to make it again.")
            {
                GenerationId = image.GenerationId,
            };
    }

    /// <inheritdoc cref="IBlobStore.Fault"/>
    internal GenApiException? Fault => _blobs.Fault;

    /// <summary>
    /// Returns whether the bytes are missing, as far as a look of some microseconds shows it. A remote store is taken at its word: it does
    /// not lose single blobs, and a request for each would make every answer from the store wait.
    /// </summary>
    internal bool IsMissing(StoredImage image) => _blobs.Knows(image.BlobKey, image.Bytes) == false;

    /// <inheritdoc cref="IsMissing(StoredImage)"/>
    internal bool IsMissing(string blobKey) => _blobs.Knows(blobKey, null) == false;

    /// <summary>Returns whether only a request to a remote store could say whether the bytes are there.</summary>
    internal bool IsUnseen(string blobKey) => _blobs.Knows(blobKey, null) is null;

    /// <summary>Returns whether the whole bytes are in the store; a remote one is asked.</summary>
    internal ValueTask<bool> HasAsync(StoredImage image, CancellationToken cancellationToken) =>
        _blobs.HasAsync(image.BlobKey, image.Bytes, cancellationToken);

    /// <inheritdoc cref="BlobStoreExtensions.HasAsync"/>
    internal ValueTask<bool> HasAsync(string blobKey, long? length, CancellationToken cancellationToken) =>
        _blobs.HasAsync(blobKey, length, cancellationToken);

    /// <summary>Returns whether a look of some microseconds shows the whole bytes.</summary>
    internal bool IsKnownToBeThere(StoredImage image) => _blobs.Knows(image.BlobKey, image.Bytes) == true;

    /// <summary>Opens what was staged for this output and has no row yet; the caller disposes it. Null if there is nothing.</summary>
    internal Task<Stream?> OpenStagedAsync(Guid generationId, int index, CancellationToken cancellationToken) =>
        _receipts.OpenReceiptAsync(ReceiptOf(generationId, index), cancellationToken);

    /// <summary>Forgets a staged output, once its row is written or if it turned out not to be an image.</summary>
    internal Task ForgetStagedAsync(Guid generationId, int index, CancellationToken cancellationToken) =>
        _receipts.DropReceiptAsync(ReceiptOf(generationId, index), cancellationToken);

    /// <summary>
    /// After a start, forgets what was staged for any other generation: it will never get a row. Whatever is staged meanwhile belongs to
    /// one of these.
    /// </summary>
    internal async Task ForgetStagedAsync(
        Func<IReadOnlyCollection<Guid>, Task<IReadOnlyCollection<Guid>>> whichAreOpen, CancellationToken cancellationToken)
    {
        var receipts = (await _receipts.ListReceiptsAsync(cancellationToken))
            .ToLookup(receipt => Guid.TryParseExact(receipt.Split('-')[0], "N", out var id) ? id : Guid.Empty);
        if (receipts.Count == 0)
            return;
        var open = await whichAreOpen([.. receipts.Select(each => each.Key)]);
        foreach (var receipt in receipts.Where(each => !open.Contains(each.Key)).SelectMany(each => each))
            await _receipts.DropReceiptAsync(receipt, cancellationToken);
    }
}
