using System.Runtime.CompilerServices;
using GenApi.Core.Errors;
using GenApi.Core.Images.Library;

namespace GenApi.Core.Images.Metadata;

/// <summary>Tells which stored images carry Content Credentials, and remembers it while their rows are in memory.</summary>
public sealed class StoredCredentials(ImageLibrary library) : IDisposable
{
    // Each reader may hold an image of the largest size.
    private const int MostReaders = 2;

    private readonly ConditionalWeakTable<StoredImage, Finding> _known = [];
    private readonly SemaphoreSlim _readers = new(MostReaders);

    /// <summary>
    /// Says whether an image carries a manifest. Null: it is no PNG, JPEG, WebP or AVIF, it is damaged or larger than
    /// <see cref="ImageMemory.LargestImage"/>, or its bytes are lost.
    /// </summary>
    public async ValueTask<bool?> ArePresentAsync(StoredImage image, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(image, out var known))
            return known.ArePresent;
        if (!CanCarry(image) || image.Bytes > ImageMemory.LargestImage)
            return null;
        await _readers.WaitAsync(cancellationToken);
        try
        {
            using var content = await library.OpenAsync(image, cancellationToken);
            var found = new Finding(ContentCredentials.ArePresent(await ImageMemory.ReadAsync(content, cancellationToken)));
            _known.AddOrUpdate(image, found);
            return found.ArePresent;
        }
        catch (GenApiException lost) when (lost.Kind == ErrorKind.BlobMissing)
        {
            return null;
        }
        finally
        {
            _readers.Release();
        }
    }

    public void Dispose() => _readers.Dispose();

    private static bool CanCarry(StoredImage image) => image.ContentType == ImageFormat.Png.ContentType
        || image.ContentType == ImageFormat.Jpeg.ContentType || image.ContentType == ImageFormat.WebP.ContentType
        || image.ContentType == ImageFormat.Avif.ContentType;

    private sealed record Finding(bool? ArePresent);
}
