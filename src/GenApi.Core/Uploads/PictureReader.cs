using System.Buffers;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Metadata.Reading;
using GenApi.Core.Images.Probes;

namespace GenApi.Core.Uploads;

/// <summary>
/// Reads the settings in pictures from outside. Nothing is stored: the bytes are on the disk while they arrive, and in memory while they
/// are read.
/// </summary>
public sealed class PictureReader(UploadLibrary uploads, IBlobStore blobs) : IDisposable
{
    /// <summary>So many pictures are in memory at once, each of at most 20 MiB. Reading one takes milliseconds.</summary>
    private const int AtOnce = 2;

    private const int PieceLength = 64 << 10;

    private readonly SemaphoreSlim _slots = new(AtOnce);

    /// <summary>Reads a picture.</summary>
    /// <returns>Null if it carries no settings.</returns>
    /// <exception cref="GenApiException">As <see cref="UploadLibrary.StoreAsync"/>: it is no picture, or there is no room.</exception>
    public Task<PictureSettings?> ReadAsync(Stream content, CancellationToken cancellationToken) =>
        uploads.CheckedAsync(content, watched => ReadCheckedAsync(watched, cancellationToken), cancellationToken);

    public void Dispose() => _slots.Dispose();

    private async Task<PictureSettings?> ReadCheckedAsync(Stream content, CancellationToken cancellationToken)
    {
        await using var staged = await blobs.StageAsync(receipt: null, cancellationToken);
        await CopyAsync(content, staged, cancellationToken);
        if (ImageProbe.Read(staged.Read, staged.Length).Format == ImageFormat.Svg)
            throw UploadLibrary.Drawing();
        await _slots.WaitAsync(cancellationToken);
        try
        {
            return SettingsReader.Read(Whole(staged));
        }
        finally
        {
            _slots.Release();
        }
    }

    private static async Task CopyAsync(Stream content, StagedBlob staged, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            while (await content.ReadAsync(buffer, cancellationToken) is var count and > 0)
                await staged.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static byte[] Whole(StagedBlob staged)
    {
        var image = GC.AllocateUninitializedArray<byte>((int)staged.Length);
        for (int filled = 0, count; filled < image.Length; filled += count)
        {
            count = staged.Read(image.AsSpan(filled), filled);
            if (count == 0)
                throw new EndOfStreamException("The staged bytes end before their length.");
        }
        return image;
    }
}
