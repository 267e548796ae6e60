using System.Collections.Concurrent;
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
        if (inverse is null)
        {
            await _slots.WaitAsync(cancellationToken);
            try
            {
                var bytes = given ?? await ReadAsync(blobs, sha256, cancellationToken);
                var inverted = await Task.Run(() => MaskPixels.Invert(bytes), cancellationToken);
                inverse = await uploads.StoreDerivedAsync(new MemoryStream(inverted), sha256, owner, cancellationToken);
            }
            finally
            {
                _slots.Release();
            }
        }
        if (_known.Count >= MostInMemory)
            _known.Clear();
        _known[(sha256, owner)] = inverse.Id;
        return Used(inverse);
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
        var isWhole = (await blobs.VerifyAsync(sha256, cancellationToken)).Verdict == BlobVerdict.Whole;
        var content = (isWhole ? await blobs.OpenAsync(sha256, cancellationToken) : null)
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

    private Upload Used(Upload upload)
    {
        uploads.Used(upload);
        return upload;
    }
}
