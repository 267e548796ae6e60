using System.Security.Cryptography;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;

namespace GenApi.Core.Images.Metadata;

/// <summary>Makes copies of images with their settings inside. They are not stored: making one takes less time than reading it.</summary>
public sealed class EmbeddedCopies(ImageMemory memory)
{
    /// <summary>Makes a copy of a stored image, which stays open.</summary>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.ImageNotConvertible"/>: the format can't carry settings, the image is damaged or larger than
    /// <see cref="ImageMemory.LargestImage"/>. <see cref="ErrorKind.Overloaded"/>: no memory is free now.
    /// </exception>
    public async ValueTask<EmbeddedCopy> MakeAsync(BlobContent original, EmbeddedSettings settings, CancellationToken cancellationToken)
    {
        if (original.Length > ImageMemory.LargestImage)
        {
            throw new GenApiException(
                ErrorKind.ImageNotConvertible, $"The image has more than {ImageMemory.LargestImage >> 20} MB, too many for a copy.");
        }
        using var share = memory.Reserve(original.Length);
        return Make(await ImageMemory.ReadAsync(original, cancellationToken), settings);
    }

    /// <summary>Makes a copy of an image in memory, such as a variant.</summary>
    /// <inheritdoc cref="MakeAsync" path="/exception"/>
    public EmbeddedCopy Make(ReadOnlyMemory<byte> image, EmbeddedSettings settings)
    {
        // Parts and the whole are there at once. A text takes up to three bytes a character.
        var share = memory.Reserve(2L * image.Length + 3L * (settings.Prompt.Length + (settings.NegativePrompt?.Length ?? 0)));
        try
        {
            var bytes = SettingsWriter.Embed(image, settings);
            share.Shrink(bytes.Length);
            return new EmbeddedCopy(share, bytes);
        }
        catch
        {
            share.Dispose();
            throw;
        }
    }
}

/// <summary>A copy of an image with its settings inside, until it is disposed.</summary>
public sealed class EmbeddedCopy : IDisposable
{
    private readonly ImageMemory.Share _share;

    internal EmbeddedCopy(ImageMemory.Share share, byte[] bytes) =>
        (_share, Bytes, Sha256) = (share, bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)));

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Of the bytes, 64 lower-case hexadecimal digits.</summary>
    public string Sha256 { get; }

    public void Dispose() => _share.Dispose();
}
