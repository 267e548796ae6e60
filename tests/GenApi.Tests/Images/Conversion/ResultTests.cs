using System.Text;
using System.Text.Json;
using GenApi.Core.Images;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Probes;
using GenApi.Tests.Documentation;
using NetVips;
using static GenApi.Tests.Images.Conversion.Samples;

namespace GenApi.Tests.Images.Conversion;

/// <summary>The files that come out: their format, their metadata, and that they are always the same.</summary>
public sealed class ResultTests
{
    private const string Packet =
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        + "<rdf:Description xmlns:dc='http://purl.org/dc/elements/1.1/' dc:format='a mark of ours'/></rdf:RDF></x:xmpmeta>";

    public static TheoryData<VariantFormat, string> Formats => new()
    {
        { VariantFormat.Webp, "image/webp" },
        { VariantFormat.Avif, "image/avif" },
        { VariantFormat.Jpeg, "image/jpeg" },
        { VariantFormat.Png, "image/png" },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task The_file_has_the_format_and_is_whole(VariantFormat format, string contentType)
    {
        var converted = await ConvertAsync(Pictures.Png(300, 200), To(format, 64));

        Assert.Equal(contentType, converted.ContentType);
        Assert.Equal(
            new ImageFacts(ImageFormat.Find(contentType)!, 64, 43),
            ImageProbe.Read(OutputProbeTests.ReaderOf(converted.Bytes), converted.Bytes.Length));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task The_same_conversion_gives_the_same_bytes(VariantFormat format, string contentType)
    {
        var original = Pictures.Of("jpeg", 500, 400);
        var wanted = To(format, 256) with { Xmp = Encoding.UTF8.GetBytes(Packet) };
        using var one = Converter(options => options.Workers = 1);
        using var several = Converter(options => options.Workers = 4);
        var first = await one.ConvertAsync(original, wanted, TestContext.Current.CancellationToken);

        var others = await Task.WhenAll(Enumerable.Range(0, 6)
            .Select(_ => several.ConvertAsync(original, wanted, TestContext.Current.CancellationToken)));

        Assert.Equal(contentType, first.ContentType);
        Assert.All(others, other => Assert.Equal(first.Bytes, other.Bytes));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Quality_changes_the_file_of_every_format_that_has_it(VariantFormat format, string contentType)
    {
        var original = Pictures.Of("jpeg", 500, 400);

        var low = await ConvertAsync(original, To(format, 256) with { Quality = 20 });
        var high = await ConvertAsync(original, To(format, 256) with { Quality = 90 });

        Assert.Equal(contentType, low.ContentType);
        if (format == VariantFormat.Png)
            Assert.Equal(high.Bytes, low.Bytes);
        else
            Assert.True(low.Bytes.Length < high.Bytes.Length);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task Nothing_of_the_originals_metadata_is_kept(VariantFormat format, string contentType)
    {
        var converted = await ConvertAsync(WithMetadata(), To(format, 64));

        Assert.Equal(contentType, converted.ContentType);
        Assert.DoesNotContain("a secret prompt", Encoding.Latin1.GetString(converted.Bytes), StringComparison.Ordinal);
        using var result = Image.NewFromBuffer(converted.Bytes);
        Assert.False(result.Contains("xmp-data"));
        Assert.False(result.Contains("icc-profile-data"));
        Assert.False(result.Contains("orientation") && (int)result.Get("orientation") != 1);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public async Task The_packet_is_in_the_file_and_replaces_the_originals(VariantFormat format, string contentType)
    {
        var exiftool = Tool.Require("exiftool");
        var converted = await ConvertAsync(WithMetadata(), To(format, 64) with { Xmp = Encoding.UTF8.GetBytes(Packet) });
        var folder = Directory.CreateTempSubdirectory("genapi-xmp-").FullName;
        try
        {
            var file = Path.Combine(folder, "file" + ImageFormat.Find(contentType)!.Extension);
            await File.WriteAllBytesAsync(file, converted.Bytes, TestContext.Current.CancellationToken);

            using var answer = JsonDocument.Parse(await Tool.RunAsync(exiftool, ["-json", "-a", "-G", "-warning", "-all", file], folder));
            var found = answer.RootElement[0];

            Assert.Equal("a mark of ours", found.GetProperty("XMP:Format").GetString());
            Assert.Equal(contentType, found.GetProperty("File:MIMEType").GetString());
            Assert.DoesNotContain(found.EnumerateObject(), each => each.Name.Contains("Warning", StringComparison.Ordinal)
                || each.Value.ToString().Contains("secret", StringComparison.Ordinal));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static byte[] WithMetadata()
    {
        using var halves = Halves(200, 100);
        using var profiled = halves.IccTransform("p3");
        using var marked = profiled.Mutate(image =>
        {
            var secret = Packet.Replace("a mark of ours", "a secret prompt", StringComparison.Ordinal);
            image.Set(GValue.BlobType, "xmp-data", Encoding.UTF8.GetBytes(secret));
            image.Set(GValue.GStrType, "exif-ifd0-ImageDescription", "a secret prompt (a secret prompt, ASCII, 15 components, 15 bytes)");
            image.Set(GValue.GStrType, "png-comment-0-parameters", "a secret prompt");
            image.Set(GValue.GIntType, "orientation", 1);
        });
        return marked.PngsaveBuffer();
    }
}
