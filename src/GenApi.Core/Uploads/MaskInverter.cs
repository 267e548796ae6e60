using System.Collections.Concurrent;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using NetVips;

namespace GenApi.Core.Uploads;

/// <summary>
/// Turns masks round for models that repaint where a mask is black. The result is an upload made here, a PNG in grey: a generation's input
/// can name it, and the same mask is turned round once.
/// </summary>
internal sealed class MaskInverter(UploadLibrary uploads, IBlobStore blobs) : IDisposable
{
    /// <summary>8,192 × 8,192: 64 MiB in grey once decoded, 256 MiB in the richest form. No model takes a picture that large.</summary>
    public const int MostPixels = 1 << 26;

    private const int MostInMemory = 10_000;

    // Decoding is all computing, and memory: two at a time.
    private readonly SemaphoreSlim _places = new(2);
    private readonly ConcurrentDictionary<string, Guid> _known = new(StringComparer.Ordinal);

    // No mask is inverted twice, so what libvips would remember costs memory only.
    static MaskInverter() => Cache.Max = 0;

    /// <param name="sha256">Of the mask's bytes.</param>
    /// <param name="given">The bytes; null: they are the blob of that hash.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.InvalidInput"/>, worded to follow the name of a member: it can't be decoded here, or has too many pixels.
    /// </exception>
    public async ValueTask<Upload> InvertAsync(string sha256, byte[]? given, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(sha256, out var id) && await uploads.FindAsync(id, cancellationToken) is { } known)
            return Used(known);
        var inverse = await uploads.FindInverseAsync(sha256, cancellationToken);
        if (inverse is null)
        {
            await _places.WaitAsync(cancellationToken);
            try
            {
                var bytes = given ?? await ReadAsync(sha256, cancellationToken);
                var inverted = await Task.Run(() => Invert(bytes), cancellationToken);
                inverse = await uploads.KeepAsync(new MemoryStream(inverted), sha256, cancellationToken);
            }
            finally
            {
                _places.Release();
            }
        }
        if (_known.Count >= MostInMemory)
            _known.Clear();
        _known[sha256] = inverse.Id;
        return Used(inverse);
    }

    public void Dispose() => _places.Dispose();

    /// <summary>What is transparent counts as black, which keeps: a mask is where it is white.</summary>
    internal static byte[] Invert(byte[] bytes)
    {
        try
        {
            // The header first: what it claims is known before anything is decoded. Cut short is an error, not a half-black mask.
            using var mask = Image.NewFromBuffer(bytes, failOn: Enums.FailOn.Truncated);
            if ((long)mask.Width * mask.Height > MostPixels)
                throw new GenApiException(ErrorKind.InvalidInput, $"has {mask.Width} × {mask.Height} pixels; a mask that has to be inverted may have {MostPixels} at most");
            using var upright = mask.Autorot();
            using var opaque = upright.HasAlpha() ? upright.Flatten() : upright.Copy();
            using var grey = opaque.Colourspace(Enums.Interpretation.Bw);
            using var plain = grey.Cast(Enums.BandFormat.Uchar);
            using var inverted = plain.Invert();
            return inverted.PngsaveBuffer(compression: 6, keep: Enums.ForeignKeep.None);
        }
        catch (VipsException failure)
        {
            throw new GenApiException(
                ErrorKind.InvalidInput, "has to be inverted for this model, which repaints where a mask is black, and can't be decoded here: send it as PNG, JPEG or WebP", failure);
        }
    }

    private async Task<byte[]> ReadAsync(string sha256, CancellationToken cancellationToken)
    {
        var content = await blobs.OpenAsync(sha256, cancellationToken)
            ?? throw new GenApiException(ErrorKind.BlobMissing, "The bytes of a mask are missing from the store.");
        await using var stream = new BlobStream(content);
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
