using GenApi.Core.Blobs;
using GenApi.Core.Errors;

namespace GenApi.Core.Images.Metadata;

/// <summary>
/// Limits the memory of images that are held whole while their metadata is read or written. Slow readers hold their copies for as long as
/// they read.
/// </summary>
public sealed class ImageMemory
{
    /// <summary>The largest image whose metadata is read or changed, in bytes.</summary>
    public const long LargestImage = 64L << 20;

    /// <summary>The most bytes that are held at once.</summary>
    internal const long MostHeld = 256L << 20;

    private long _held;

    /// <summary>Reserves memory until the result is disposed.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.Overloaded"/>, transient: other requests hold it.</exception>
    internal Share Reserve(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= MostHeld)
            return new Share(this, bytes);
        Interlocked.Add(ref _held, -bytes);
        throw new GenApiException(
            ErrorKind.Overloaded, "Too many images are being copied with their settings. Repeat the request in a second.")
        {
            IsTransient = true,
            RetryAfter = TimeSpan.FromSeconds(1),
        };
    }

    /// <summary>Reads a whole blob, for which its memory is reserved already. The bytes are valid until the blob is disposed.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.BlobMissing"/>: the blob turned out shorter than it was.</exception>
    internal static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(BlobContent content, CancellationToken cancellationToken)
    {
        if (content.TryGetMemory(out var held))
            return held;
        var bytes = new byte[content.Length];
        for (var at = 0; at < bytes.Length;)
        {
            var read = await content.ReadAsync(bytes.AsMemory(at), at, cancellationToken);
            at += read > 0 ? read : throw new GenApiException(ErrorKind.BlobMissing, "The bytes of the image are incomplete.");
        }
        return bytes;
    }

    /// <summary>Memory that is in use.</summary>
    internal sealed class Share(ImageMemory owner, long bytes) : IDisposable
    {
        private long _bytes = bytes;

        /// <summary>Gives back all but so many bytes.</summary>
        public void Shrink(long to)
        {
            Interlocked.Add(ref owner._held, to - _bytes);
            _bytes = to;
        }

        public void Dispose() => Shrink(0);
    }
}
