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

    private const int Done = 0, NotDrawn = 2;

    /// <summary>The stated width and height, the drawn ones, and milliseconds.</summary>
    private const int Numbers = 5;

    public static byte[] Request((int Width, int Height, FittedSize Size) drawn, TimeSpan mostTime)
    {
        var request = new byte[Numbers * sizeof(int)];
        int[] numbers = [drawn.Width, drawn.Height, drawn.Size.ScaledWidth, drawn.Size.ScaledHeight, (int)mostTime.TotalMilliseconds];
        Buffer.BlockCopy(numbers, 0, request, 0, request.Length);
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
        var numbers = new int[Numbers];
        Buffer.BlockCopy(bytes, 0, numbers, 0, Numbers * sizeof(int));
        // The service ends this process in time. If the service itself is gone, the process ends itself.
        using var watchdog = TimeProvider.System.CreateTimer(
            _ => Process.GetCurrentProcess().Kill(), null, TimeSpan.FromMilliseconds(numbers[4]), Timeout.InfiniteTimeSpan);
        return Draw(bytes[(Numbers * sizeof(int))..], (numbers[0], numbers[1]), (numbers[2], numbers[3]));
    }

    private static int Draw(byte[] svg, (int Width, int Height) stated, (int Width, int Height) drawn)
    {
        VipsLibrary.Prepare();
        Operation.Block("VipsForeignLoadSvg", false);
        try
        {
            var sized = SizedDrawing.Of(svg, stated.Width, stated.Height);
            double scale;
            using (var opened = Image.SvgloadBuffer(sized))
                scale = Math.Min((double)drawn.Width / opened.Width, (double)drawn.Height / opened.Height);
            using var image = Image.SvgloadBuffer(sized, scale: scale);
            using var exact = Fit(image, drawn.Width, drawn.Height);
            var pixels = exact.WriteToMemory<byte>();
            using var output = Console.OpenStandardOutput();
            output.WriteByte(1);
            output.Write(pixels);
            return Done;
        }
        catch (VipsException)
        {
            return NotDrawn;
        }
    }

    /// <summary>Rounding can cost a pixel. A drawing of other proportions than stated, by a style for example, is not distorted.</summary>
    private static Image Fit(Image image, int width, int height) =>
        Math.Abs(image.Width - width) <= 1 && Math.Abs(image.Height - height) <= 1
            ? image.ThumbnailImage(width, height, Enums.Size.Force)
            : image.Gravity(Enums.CompassDirection.Centre, width, height);
}
