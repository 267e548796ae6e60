using System.Diagnostics;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Probes;
using NetVips;
using static GenApi.Tests.Images.Conversion.Samples;

namespace GenApi.Tests.Images.Conversion;

/// <summary>SVG is drawn by another process, which is killed at its limits.</summary>
public sealed class DrawingTests
{
    private const string Start = "<svg xmlns='http://www.w3.org/2000/svg' ";

    [Fact]
    public async Task A_drawing_is_drawn_in_the_size_asked_for()
    {
        var drawing = Svg($"{Start} width='400' height='200'><rect width='200' height='200' fill='red'/></svg>");

        var inside = await ConvertAsync(drawing, To(VariantFormat.Png, 100));
        var cover = await ConvertAsync(drawing, To(VariantFormat.Webp, 64, 64, VariantFit.Cover));
        var flat = await ConvertAsync(drawing, To(VariantFormat.Jpeg, 100) with { Background = "0000ff" });

        Assert.Equal((100, 50), (inside.Width, inside.Height));
        using (var image = Image.NewFromBuffer(inside.Bytes))
        {
            Assert.Equal([255, 0, 0, 255], image.Getpoint(10, 10));
            Assert.Equal(0, image.Getpoint(90, 10)[3]);
        }
        Assert.Equal((64, 64), (cover.Width, cover.Height));
        Near(Red, Pixel(flat, 10, 10), 4);
        Near(Blue, Pixel(flat, 90, 10), 4);
    }

    [Theory]
    [InlineData("", 300, 150)]
    [InlineData("viewBox='0 0 120 60'", 120, 60)]
    [InlineData("width='100%' height='100%' viewBox='0 0 120 60'", 120, 60)]
    [InlineData("width='200' viewBox='0 0 10 10'", 200, 200)]
    [InlineData("height='60' viewBox='0 0 10 20'", 30, 60)]
    [InlineData("width='1in' height='48pt'", 96, 64)]
    public async Task A_drawing_has_the_size_that_browsers_give_it(string size, int width, int height)
    {
        const string head = "<?xml version='1.0'?>\r\n<!-- two lines -->\n";
        var drawing = Svg($"{head}{Start} {size}><rect width='9999' height='9999' fill='red'/></svg>");

        var converted = await ConvertAsync(drawing, To(VariantFormat.Png));

        Assert.Equal(
            new ImageFacts(ImageFormat.Svg, width, height), ImageProbe.Read(OutputProbeTests.ReaderOf(drawing), drawing.Length));

        Assert.Equal((width, height), (converted.Width, converted.Height));
        Near(Red, Pixel(converted, width - 2, height - 2), 1);
    }

    [Fact]
    public async Task A_drawing_whose_style_states_another_size_is_not_distorted()
    {
        var drawing = Svg($"{Start} style='width:100px;height:100px'><rect width='100' height='100' fill='red'/></svg>");

        using var image = Image.NewFromBuffer((await ConvertAsync(drawing, To(VariantFormat.Png))).Bytes);

        Assert.Equal((300, 150), (image.Width, image.Height));
        Assert.Equal([255, 0, 0, 255], image.Getpoint(150, 75));
        Assert.Equal(0, image.Getpoint(60, 75)[3]);
    }

    [Fact]
    public async Task Pixels_come_from_a_drawing_too()
    {
        using var converter = Converter();

        var map = await converter.PixelsAsync(
            Svg($"{Start} width='400' height='200'><rect width='400' height='200' fill='lime'/></svg>"), 100,
            TestContext.Current.CancellationToken);

        Assert.Equal((100, 50), (map.Width, map.Height));
        Assert.Equal([0, 255, 0, 255], map.Rgba[..4]);
    }

    [Fact]
    public async Task Nothing_outside_the_file_is_read()
    {
        var folder = Directory.CreateTempSubdirectory("genapi-drawing-").FullName;
        try
        {
            var path = Path.Combine(folder, "secret.png");
            using (var secret = Solid(10, 10, Green))
                await File.WriteAllBytesAsync(path, secret.PngsaveBuffer(), TestContext.Current.CancellationToken);
            var drawing = Svg(
                $"<!DOCTYPE svg [<!ENTITY x SYSTEM 'file://{path}'>]>{Start} xmlns:xlink='http://www.w3.org/1999/xlink' "
                + "width='100' height='100'>"
                + $"<rect width='100' height='100' fill='red'/><image width='100' height='100' href='file://{path}'/>"
                + $"<image width='100' height='100' xlink:href='{path}'/><image width='100' height='100' href='secret.png'/></svg>");

            Near(Red, Pixel(await ConvertAsync(drawing, To(VariantFormat.Png)), 50, 50), 1);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_drawing_that_takes_too_long_is_killed()
    {
        var began = Stopwatch.GetTimestamp();

        var refusal = await RefusalAsync(Endless(), To(VariantFormat.Webp, 512), options => options.ConversionSeconds = 1);

        Assert.Equal(ErrorKind.ImageNotConvertible, refusal.Kind);
        Assert.Contains("longer than the 1 seconds", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_drawing_that_takes_too_much_memory_is_killed()
    {
        var points = new StringBuilder("M0 0");
        var dice = new Random(3);
        for (var each = 0; each < 150; each++)
            points.Append(System.Globalization.CultureInfo.InvariantCulture, $"L{dice.Next(2000)} {dice.Next(2000)}");
        var hungry = Svg($"{Start} width='2000' height='2000'><path fill='none' stroke='red' stroke-dasharray='0.01' d='{points}'/></svg>");

        var refusal = await RefusalAsync(hungry, To(VariantFormat.Webp, 512), options => options.MaxMemoryMb = 64);

        Assert.Equal(ErrorKind.ImageNotConvertible, refusal.Kind);
        Assert.Contains("of memory", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_caller_who_leaves_ends_the_process()
    {
        using var converter = Converter(options => options.Workers = 1);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var slow = converter.ConvertAsync(Endless(), To(VariantFormat.Webp, 512), leaving.Token);

        leaving.CancelAfter(TimeSpan.FromMilliseconds(500));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        await LimitTests.IdleAsync(converter);
    }

    [Theory]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'><rect")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg' width='100' height='100'><g></svg>")]
    public async Task A_damaged_drawing_is_refused(string text) =>
        Assert.Equal(ErrorKind.ImageNotConvertible, (await RefusalAsync(Svg(text), To(VariantFormat.Webp, 64))).Kind);

    /// <summary>Every line crosses every other one.</summary>
    private static byte[] Endless()
    {
        var points = new StringBuilder("M0 0");
        var dice = new Random(1);
        for (var each = 0; each < 20_000; each++)
            points.Append(System.Globalization.CultureInfo.InvariantCulture, $"L{dice.Next(2000)} {dice.Next(2000)}");
        return Svg($"{Start} width='2000' height='2000'><path fill-rule='evenodd' d='{points}'/></svg>");
    }

    private static byte[] Svg(string text) => Encoding.UTF8.GetBytes(text);
}
