using GenApi.Core.Errors;
using GenApi.Core.Images.Metadata.Reading;

namespace GenApi.Core.Uploads;

/// <summary>
/// Reads the settings in pictures from outside. Nothing is stored: the bytes are on the disk while they arrive, and in memory while they
/// are read.
/// </summary>
public sealed class PictureReader(UploadLibrary uploads) : IDisposable
{
    /// <summary>So many pictures are in memory at once, each of at most 20 MiB. Reading one takes milliseconds.</summary>
    private const int AtOnce = 2;

    private readonly SemaphoreSlim _slots = new(AtOnce);

    /// <summary>Reads a picture.</summary>
    /// <returns>Null if it carries no settings.</returns>
    /// <exception cref="GenApiException">As <see cref="UploadLibrary.StoreAsync"/>: it is no picture, or there is no room.</exception>
    public Task<PictureSettings?> ReadAsync(Stream content, CancellationToken cancellationToken) => uploads.ExamineAsync(
        content,
        async staged =>
        {
            await _slots.WaitAsync(cancellationToken);
            try
            {
                var image = GC.AllocateUninitializedArray<byte>((int)staged.Length);
                for (int filled = 0, count; filled < image.Length; filled += count)
                {
                    count = staged.Read(image.AsSpan(filled), filled);
                    if (count == 0)
                        throw new EndOfStreamException("The staged bytes end before their length.");
                }
                return SettingsReader.Read(image);
            }
            finally
            {
                _slots.Release();
            }
        },
        cancellationToken);

    public void Dispose() => _slots.Dispose();
}
