using System.Buffers.Binary;
using System.Diagnostics;
using NetVips;

namespace GenApi.Core.Images.Conversion;

/// <summary>
/// The other process: it draws one SVG and ends. Nothing can stop a drawing from within: a file of 180 kB can take minutes and gigabytes,
/// and a fault in the renderer would end the process. It reads the request from stdin and writes the pixels to stdout.
/// </summary>
internal static class DrawingRenderer
{
    /// <summary>The only argument of the process.</summary>
    public const string Argument = "--draw-svg-from-stdin";

    /// <summary>Width, height, fit, most pixels, milliseconds; 0 stands for a side that is unbounded.</summary>
    public const int RequestLength = 4 + 4 + 4 + 8 + 4;

    /// <summary>The drawing's own width and height, then those of the pixels that follow.</summary>
    public const int AnswerLength = 4 * 4;

    public const int Done = 0, NotDrawn = 2, TooManyPixels = 3;

    /// <summary>The size in which browsers show a drawing that states none.</summary>
    private const string UsualSize = ":root{width:300px;height:150px}";

    public static byte[] Request(ImageConversion wanted, long mostPixels, TimeSpan mostTime)
    {
        var request = new byte[RequestLength];
        BinaryPrimitives.WriteInt32LittleEndian(request, wanted.Width ?? 0);
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(4), wanted.Height ?? 0);
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(8), (int)wanted.Fit);
        BinaryPrimitives.WriteInt64LittleEndian(request.AsSpan(12), mostPixels);
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(20), (int)mostTime.TotalMilliseconds);
        return request;
    }

    /// <summary>Runs the process to its end.</summary>
    /// <returns>The exit code.</returns>
    public static int Run()
    {
        using var input = Console.OpenStandardInput();
        using var all = new MemoryStream();
        input.CopyTo(all);
        var bytes = all.ToArray();
        var request = bytes.AsSpan(0, RequestLength);
        var wanted = new ImageConversion
        {
            Width = Side(request),
            Height = Side(request[4..]),
            Fit = (VariantFit)BinaryPrimitives.ReadInt32LittleEndian(request[8..]),
            Format = VariantFormat.Png,
        };
        // The service ends this process in time. If the service itself is gone, the process ends itself.
        using var watchdog = TimeProvider.System.CreateTimer(
            _ => Process.GetCurrentProcess().Kill(), null,
            TimeSpan.FromMilliseconds(BinaryPrimitives.ReadInt32LittleEndian(request[20..])), Timeout.InfiniteTimeSpan);
        return Draw(bytes[RequestLength..], wanted, BinaryPrimitives.ReadInt64LittleEndian(request[12..]));
    }

    private static int Draw(byte[] svg, ImageConversion wanted, long mostPixels)
    {
        VipsLibrary.Prepare();
        Operation.Block("VipsForeignLoadSvg", false);
        try
        {
            var (width, height, style) = SizeOf(svg);
            if ((long)width * height > mostPixels)
                return TooManyPixels;
            var size = FittedSize.Of(width, height, wanted);
            var scale = Math.Max((double)size.ScaledWidth / width, (double)size.ScaledHeight / height);
            using var drawn = Image.SvgloadBuffer(svg, scale: scale, stylesheet: style);
            var pixels = drawn.WriteToMemory<byte>();
            using var output = Console.OpenStandardOutput();
            var answer = new byte[AnswerLength];
            foreach (var (number, at) in new[] { (width, 0), (height, 4), (drawn.Width, 8), (drawn.Height, 12) })
                BinaryPrimitives.WriteInt32LittleEndian(answer.AsSpan(at), number);
            output.Write(answer);
            output.Write(pixels);
            return Done;
        }
        catch (VipsException)
        {
            return NotDrawn;
        }
    }

    private static (int Width, int Height, string? Style) SizeOf(byte[] svg)
    {
        try
        {
            using var sized = Image.SvgloadBuffer(svg);
            return (sized.Width, sized.Height, null);
        }
        catch (VipsException)
        {
            using var unsized = Image.SvgloadBuffer(svg, stylesheet: UsualSize);
            return (unsized.Width, unsized.Height, UsualSize);
        }
    }

    private static int? Side(ReadOnlySpan<byte> request) =>
        BinaryPrimitives.ReadInt32LittleEndian(request) is > 0 and var side ? side : null;
}
