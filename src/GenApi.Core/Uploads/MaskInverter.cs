using System.Collections.Concurrent;
using System.Security.Cryptography;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;

namespace GenApi.Core.Uploads;

/// <summary>
/// Inverts masks for models that repaint where a mask is black. The result is an upload made here, a grey PNG: a generation's input can
/// name it, and the same mask is inverted only once.
/// </summary>
internal sealed class MaskInverter(UploadLibrary uploads, IBlobStore blobs) : IDisposable
{
    private const int MostInMemory = 10_000;

    // Decoding needs CPU and memory: two at a time.
    private readonly SemaphoreSlim _slots = new(2);
    private readonly ConcurrentDictionary<(string Sha256, Guid Owner), Guid> _known = new();
    private readonly ConcurrentDictionary<string, string> _hashes = new(StringComparer.Ordinal);

    /// <param name="sha256">The hash of the mask's bytes.</param>
    /// <param name="given">The bytes; null: read the blob with that hash.</param>
    /// <param name="owner">The account that owns the inverted mask.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.InvalidInput"/>, worded to follow the name of a member: the mask can't be decoded here, or has too many pixels.
    /// </exception>
    public async ValueTask<Upload> InvertAsync(string sha256, byte[]? given, Guid owner, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue((sha256, owner), out var id) && await uploads.FindAsync(id, owner, cancellationToken) is { } known)
            return Used(known);
        var inverse = await uploads.FindInverseAsync(sha256, owner, cancellationToken);
        inverse ??= await InSlotAsync(async () => await uploads.StoreDerivedAsync(
            new MemoryStream(await InvertedAsync(sha256, given, cancellationToken)), sha256, owner, cancellationToken), cancellationToken);
        if (_known.Count >= MostInMemory)
            _known.Clear();
        _known[(sha256, owner)] = inverse.Id;
        return Used(inverse);
    }

    /// <summary>Returns the hash that the inverse of a mask has or would have. Nothing is stored.</summary>
    /// <param name="sha256">The hash of the mask's bytes.</param>
    /// <param name="given">The bytes; null: read the blob with that hash.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">As <see cref="InvertAsync"/>.</exception>
    public async ValueTask<string> HashOfInverseAsync(string sha256, byte[]? given, CancellationToken cancellationToken)
    {
        if (_hashes.TryGetValue(sha256, out var known))
            return known;
        var inverted = await InSlotAsync(() => InvertedAsync(sha256, given, cancellationToken), cancellationToken);
        if (_hashes.Count >= MostInMemory)
            _hashes.Clear();
        return _hashes[sha256] = Convert.ToHexStringLower(SHA256.HashData(inverted));
    }

    public void Dispose() => _slots.Dispose();

    /// <summary>Reads a whole mask into memory.</summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.BlobMissing"/>, or <see cref="ErrorKind.InvalidInput"/> for more than 20 MiB; worded to follow the name of a
    /// member.
    /// </exception>
    internal static async Task<byte[]> ReadAsync(IBlobStore blobs, string sha256, CancellationToken cancellationToken)
    {
        // What is made of damaged bytes would be stored as that of the good ones.
        var content = await blobs.OpenVerifiedAsync(sha256, cancellationToken)
            ?? throw new GenApiException(
                ErrorKind.BlobMissing, "its bytes are missing from the store: upload the mask again, and use the new id");
        await using var stream = new BlobStream(content);
        if (stream.Length > UploadsOptions.MostBytes)
        {
            throw new GenApiException(
                ErrorKind.InvalidInput,
                $"has more than {ByteSize.Text(UploadsOptions.MostBytes)}, too many to be changed here: send a smaller one");
        }
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        return bytes;
    }

    private async Task<byte[]> InvertedAsync(string sha256, byte[]? given, CancellationToken cancellationToken)
    {
        var bytes = given ?? await ReadAsync(blobs, sha256, cancellationToken);
        return await Task.Run(() => MaskPixels.Invert(bytes), cancellationToken);
    }

    private async Task<T> InSlotAsync<T>(Func<Task<T>> act, CancellationToken cancellationToken)
    {
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return await act();
        }
        finally
        {
            _slots.Release();
        }
    }

    private Upload Used(Upload upload)
    {
        uploads.Used(upload);
        return upload;
    }
}
