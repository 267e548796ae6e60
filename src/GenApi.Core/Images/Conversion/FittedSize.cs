namespace GenApi.Core.Images.Conversion;

/// <summary>
/// The size of a converted image, in pixels. An image is never enlarged: a cover that is larger than its image keeps its proportions and
/// becomes as large as the image allows.
/// </summary>
/// <param name="Width">Of the result.</param>
/// <param name="Height">Of the result; of one frame for an animation.</param>
/// <param name="ScaledWidth">Before the middle is cut out.</param>
/// <param name="ScaledHeight">As <paramref name="ScaledWidth"/>.</param>
internal readonly record struct FittedSize(int Width, int Height, int ScaledWidth, int ScaledHeight)
{
    public int Left => (ScaledWidth - Width) / 2;

    public int Top => (ScaledHeight - Height) / 2;

    public long Pixels => (long)Width * Height;

    public long ScaledPixels => (long)ScaledWidth * ScaledHeight;

    /// <summary>Turns the scaled size back by a quarter: libvips scales before it turns.</summary>
    public (int Width, int Height) ScaledBeforeTurn(bool isTurned) =>
        isTurned ? (ScaledHeight, ScaledWidth) : (ScaledWidth, ScaledHeight);

    /// <param name="width">Of the original, as displayed.</param>
    /// <param name="height">As <paramref name="width"/>.</param>
    /// <param name="wanted">Null sides are unbounded.</param>
    public static FittedSize Of(int width, int height, ImageConversion wanted)
    {
        if (wanted is { Fit: VariantFit.Cover, Width: { } coverWidth, Height: { } coverHeight })
            return Cover(width, height, coverWidth, coverHeight);
        var scale = Math.Min(1, Math.Min((double)(wanted.Width ?? width) / width, (double)(wanted.Height ?? height) / height));
        var (fittedWidth, fittedHeight) = (Side(width * scale), Side(height * scale));
        return new FittedSize(fittedWidth, fittedHeight, fittedWidth, fittedHeight);
    }

    private static FittedSize Cover(int width, int height, int coverWidth, int coverHeight)
    {
        var shrink = Math.Min(1, Math.Min((double)width / coverWidth, (double)height / coverHeight));
        var (boxWidth, boxHeight) = (Side(coverWidth * shrink), Side(coverHeight * shrink));
        var scale = Math.Min(1, Math.Max((double)boxWidth / width, (double)boxHeight / height));
        return new FittedSize(
            boxWidth, boxHeight, Math.Max(boxWidth, Side(width * scale)), Math.Max(boxHeight, Side(height * scale)));
    }

    private static int Side(double pixels) => Math.Max(1, (int)Math.Floor(pixels + 0.5));
}
