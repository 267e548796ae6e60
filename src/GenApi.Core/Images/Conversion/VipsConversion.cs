using System.Globalization;
using NetVips;

namespace GenApi.Core.Images.Conversion;

/// <summary>
/// Makes one conversion with libvips, from a file to a file or to pixels. It blocks its thread and stops soon after a cancellation.
/// </summary>
internal static class VipsConversion
{
    private const int AllBands = 4, WebpEffort = 2, PngCompression = 6;

    /// <summary>0 to 9. An image of 2,048 × 2,048 takes 1 s with 2, and 3.4 s with 4 for a file that is 4 % smaller.</summary>
    private const int AvifEffort = 2;

    private const string Srgb = "srgb";

    private static readonly Progress<int> Unobserved = new();

    /// <exception cref="VipsException">The image can't be decoded.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static ConvertedImage Convert(ImagePlan plan, ImageConversion wanted, CancellationToken stop) => Run(
        plan,
        image => new ConvertedImage(
            Encode(image, plan, wanted, stop), ContentTypeOf(wanted.Format), plan.Size.Width, plan.Size.Height),
        stop);

    /// <summary>Decodes the first frame into pixels.</summary>
    public static PixelMap Pixels(ImagePlan plan, CancellationToken stop) => Run(plan, PixelsOf, stop);

    public static string ContentTypeOf(VariantFormat format) => (format switch
    {
        VariantFormat.Webp => ImageFormat.WebP,
        VariantFormat.Avif => ImageFormat.Avif,
        VariantFormat.Jpeg => ImageFormat.Jpeg,
        _ => ImageFormat.Png,
    }).ContentType;

    private static T Run<T>(ImagePlan plan, Func<Image, T> finish, CancellationToken stop)
    {
        VipsLibrary.Prepare();
        stop.ThrowIfCancellationRequested();
        using var images = new Disposables();
        try
        {
            var image = plan.Header is { } header ? Open(plan, header, images) : Open(plan.Drawing!, plan.Size, images);
            // What follows is computed when it is written, and asks between two strips whether it should go on.
            image.SetProgress(Unobserved, stop);
            return finish(Framed(Plain(image, images), plan, images));
        }
        catch (VipsException) when (stop.IsCancellationRequested)
        {
            throw new OperationCanceledException(stop);
        }
    }

    /// <summary>
    /// Opens a file at its scaled size, as few of its pixels as the format allows. Colors become sRGB: a result carries no profile, so its
    /// pixels must not need one.
    /// </summary>
    private static Image Open(ImagePlan plan, VipsHeader header, Disposables images)
    {
        var (width, height) = plan.Size.ScaledBeforeTurn(header.IsTurned);
        var fallback = string.IsNullOrEmpty(header.FallbackProfile) ? null : header.FallbackProfile;
        // lcms is less exact with 16 bits, by up to 6 of 255: such an image loses its lower bits first.
        var isLater = header.FallbackProfile is not null && header.IsDeep;
        // Pinned, not copied; it must outlive the image.
        var source = images.Add(Source.NewFromMemory(plan.Bytes));
        var image = images.Add(Image.ThumbnailSource(
            source, width, VipsHeader.Options(plan.Format, header.Frames > 1), height, Enums.Size.Force, noRotate: true,
            inputProfile: isLater ? null : fallback, outputProfile: isLater || header.FallbackProfile is null ? null : Srgb));
        return isLater
            ? images.Add(image.IccTransform(Srgb, intent: Enums.Intent.Relative, embedded: true, inputProfile: fallback, depth: 8))
            : image;
    }

    private static Image Open(byte[] drawing, FittedSize size, Disposables images)
    {
        var raw = images.Add(Image.NewFromMemory(drawing, size.ScaledWidth, size.ScaledHeight, AllBands, Enums.BandFormat.Uchar));
        return images.Add(raw.Copy(interpretation: Enums.Interpretation.Srgb));
    }

    /// <summary>Eight bits, gray or color, with or without alpha: what every encoder takes.</summary>
    private static Image Plain(Image image, Disposables images)
    {
        var most = image.Interpretation == Enums.Interpretation.Bw ? 2 : AllBands;
        if (image.Bands > most)
            image = images.Add(image.ExtractBand(0, most));
        return image.Format == Enums.BandFormat.Uchar ? image : images.Add(image.Cast(Enums.BandFormat.Uchar));
    }

    /// <summary>
    /// Turns and cuts each frame. libvips has the frames of an animation in one strip, and would turn and cut that strip.
    /// </summary>
    private static Image Framed(Image image, ImagePlan plan, Disposables images)
    {
        var (size, frames, isTilted) = (plan.Size, plan.Header?.Frames ?? 1, plan.Header?.Orientation > 1);
        var isCut = size.Width != size.ScaledWidth || size.Height != size.ScaledHeight;
        if (!isTilted && !isCut)
            return image;
        // The decoder gives its rows once and in order; turning needs them in another.
        if (isTilted)
            image = images.Add(image.CopyMemory());
        var height = size.ScaledBeforeTurn(plan.Header?.IsTurned ?? false).Height;
        var framed = new Image[frames];
        for (var each = 0; each < frames; each++)
        {
            var frame = frames == 1 ? image : images.Add(image.ExtractArea(0, each * height, image.Width, height));
            if (isTilted)
                frame = images.Add(frame.Autorot());
            framed[each] = isCut ? images.Add(frame.ExtractArea(size.Left, size.Top, size.Width, size.Height)) : frame;
        }
        return frames == 1 ? framed[0] : images.Add(Image.Arrayjoin(framed, across: 1));
    }

    private static byte[] Encode(Image image, ImagePlan plan, ImageConversion wanted, CancellationToken stop)
    {
        // Metadata of the original goes: its profile is applied, its orientation too, and a prompt in it may not be for everyone.
        using var marked = wanted.Xmp is { } xmp ? image.Mutate(copy => copy.Set(GValue.BlobType, "xmp-data", xmp)) : image.Copy();
        // The encoder of WebP can be stopped, but asks only the very image that it encodes.
        using var encoded = Encodable(marked, wanted);
        encoded.SetProgress(false);
        encoded.SetProgress(Unobserved, stop);
        var keep = wanted.Xmp is null ? Enums.ForeignKeep.None : Enums.ForeignKeep.Xmp;
        switch (wanted.Format)
        {
            case VariantFormat.Webp:
                return encoded.WebpsaveBuffer(
                    wanted.Quality, effort: WebpEffort, keep: keep, pageHeight: plan.Header?.Frames > 1 ? plan.Size.Height : null);
            case VariantFormat.Avif:
                return encoded.HeifsaveBuffer(
                    wanted.Quality, bitdepth: 8, compression: Enums.ForeignHeifCompression.Av1, effort: AvifEffort, keep: keep);
            case VariantFormat.Png:
                return encoded.PngsaveBuffer(PngCompression, filter: Enums.ForeignPngFilter.All, keep: keep);
            default:
                return encoded.JpegsaveBuffer(wanted.Quality, optimizeCoding: true, keep: keep);
        }
    }

    /// <summary>The image as its encoder takes it without converting it.</summary>
    private static Image Encodable(Image image, ImageConversion wanted)
    {
        if (wanted.Format == VariantFormat.Jpeg)
            return Opaque(image, wanted.Background);
        return wanted.Format == VariantFormat.Webp && image.Interpretation != Enums.Interpretation.Srgb
            ? image.Colourspace(Enums.Interpretation.Srgb)
            : image.Copy();
    }

    private static Image Opaque(Image image, string background)
    {
        if (!image.HasAlpha())
            return image.Copy();
        var color = int.Parse(background, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        using var colored = image.Colourspace(Enums.Interpretation.Srgb);
        return colored.Flatten([color >> 16, (color >> 8) & 0xFF, color & 0xFF]);
    }

    private static PixelMap PixelsOf(Image image)
    {
        using var colored = image.Colourspace(Enums.Interpretation.Srgb);
        using var complete = colored.HasAlpha() ? colored.Copy() : colored.Bandjoin(255);
        using var plain = complete.Cast(Enums.BandFormat.Uchar);
        return new PixelMap(plain.Width, plain.Height, plain.WriteToMemory<byte>());
    }

    /// <summary>Disposes in the opposite order: an image before what it reads from.</summary>
    private sealed class Disposables : IDisposable
    {
        private readonly Stack<IDisposable> _all = new();

        public T Add<T>(T one)
            where T : IDisposable
        {
            _all.Push(one);
            return one;
        }

        public void Dispose()
        {
            while (_all.TryPop(out var one))
                one.Dispose();
        }
    }
}
