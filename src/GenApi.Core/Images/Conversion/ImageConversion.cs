namespace GenApi.Core.Images.Conversion;

/// <summary>A format that images can be converted to.</summary>
public enum VariantFormat
{
    Webp,
    Avif,
    Jpeg,
    Png,
}

/// <summary>The ways in which an image fits a width and a height.</summary>
public enum VariantFit
{
    /// <summary>The whole image, at most as large as asked for.</summary>
    Inside,

    /// <summary>The middle of the image, cut to the proportions asked for.</summary>
    Cover,
}

/// <summary>Everything that decides the bytes of a converted image, beside the original.</summary>
public sealed record ImageConversion
{
    /// <summary>The greatest width in pixels; null: any. An image is never enlarged.</summary>
    public int? Width { get; init; }

    /// <summary>The greatest height in pixels; null: any.</summary>
    public int? Height { get; init; }

    /// <summary>
    /// <see cref="VariantFit.Cover"/> needs a width and a height; with one of them it is <see cref="VariantFit.Inside"/>.
    /// </summary>
    public VariantFit Fit { get; init; }

    public required VariantFormat Format { get; init; }

    /// <summary>1 to 100; PNG is lossless and ignores it.</summary>
    public int Quality { get; init; } = 80;

    /// <summary>The color behind transparent pixels in a JPEG, as six hexadecimal digits: <c>rrggbb</c>.</summary>
    public string Background { get; init; } = "ffffff";

    /// <summary>The XMP packet of the result; null: none. No metadata of the original is kept.</summary>
    public byte[]? Xmp { get; init; }
}

/// <summary>A converted image.</summary>
/// <param name="Bytes">The file.</param>
/// <param name="ContentType">The content type of the file.</param>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels; of one frame for an animation.</param>
public sealed record ConvertedImage(byte[] Bytes, string ContentType, int Width, int Height);

/// <summary>The pixels of an image, row by row.</summary>
/// <param name="Width">In pixels.</param>
/// <param name="Height">In pixels.</param>
/// <param name="Rgba">Four bytes a pixel: red, green, blue in sRGB and alpha, which is not multiplied into the colors.</param>
public sealed record PixelMap(int Width, int Height, byte[] Rgba);

/// <summary>The source of an original. It is read only when a worker is free, so waiting conversions hold no bytes.</summary>
/// <param name="Length">In bytes.</param>
/// <param name="ReadAsync">Reads all bytes; called at most once.</param>
public sealed record OriginalImage(long Length, Func<CancellationToken, Task<ReadOnlyMemory<byte>>> ReadAsync)
{
    public static OriginalImage Of(ReadOnlyMemory<byte> bytes) => new(bytes.Length, _ => Task.FromResult(bytes));
}
