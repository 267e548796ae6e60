using System.Buffers.Binary;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Images.Containers;
using GenApi.Core.Images.Metadata;
using NetVips;

namespace GenApi.Tests.Images.Metadata;

/// <summary>What a copy keeps of its original, in each container.</summary>
public sealed class ContainerTests
{
    [Theory]
    [InlineData("png")]
    [InlineData("png interlaced")]
    [InlineData("jpeg")]
    [InlineData("jpeg progressive")]
    [InlineData("webp lossy")]
    [InlineData("webp lossless")]
    [InlineData("webp extended")]
    [InlineData("avif")]
    public void Pixels_stay_and_a_second_copy_replaces_the_first(string format)
    {
        var image = Pictures.Of(format, 61, 43);

        var first = SettingsWriter.Embed(image, Copies.Settings("first"));
        var second = SettingsWriter.Embed(first, Copies.Settings("second"));

        Assert.Equal(Copies.Pixels(image), Copies.Pixels(first));
        Assert.Equal(Copies.Pixels(image), Copies.Pixels(second));
        Assert.DoesNotContain("first", Settings(second), StringComparison.Ordinal);
        Assert.StartsWith("second\n", Settings(second), StringComparison.Ordinal);
        Assert.Equal(1, Occurrences(ImageContainer.Read(second).Xmp!.Value, "<Iptc4xmpExt:DigitalSourceType>"));
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    [InlineData("webp")]
    [InlineData("avif")]
    public void Exif_and_XMP_of_the_original_stay_with_the_orientation(string format)
    {
        foreach (var isBig in (bool[])[true, false])
        {
            var value = new byte[2];
            value[isBig ? 1 : 0] = 6;
            var exif = new ExifBlock
            {
                IsBigEndian = isBig,
                Main = [ExifEntry.Ascii(ExifTags.Make, "A maker"), new(ExifTags.Orientation, 3, 1, value)],
                Exif = [ExifEntry.Ascii(0x9003, "2026:01:31 12:03:00"), ExifEntry.Undefined(ExifTags.UserComment, [.. "ASCII\0\0\0old"u8])],
                Gps = [ExifEntry.Ascii(1, "N")],
            };
            const string xmp = """
                <x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
                <rdf:Description rdf:about="urn:it" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/"
                 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="an:old-one"
                 dcterms:provenance="https://example.com/manifest.c2pa"><dc:source>somewhere</dc:source></rdf:Description>
                </rdf:RDF></x:xmpmeta>
                """;
            var original = ImageContainer.Write(
                Copies.Picture(format), new MetadataChange { Exif = exif.Write(), Xmp = Encoding.UTF8.GetBytes(xmp) });

            var carried = ImageContainer.Read(SettingsWriter.Embed(original, Copies.Settings("new")));

            var block = ExifBlock.Read(carried.Exif!.Value)!;
            Assert.Equal(isBig, block.IsBigEndian);
            Assert.Equal(value, Assert.Single(block.Main, entry => entry.Tag == ExifTags.Orientation).Value.ToArray());
            Assert.Equal("A maker\0", Encoding.ASCII.GetString(Assert.Single(block.Main, entry => entry.Tag == ExifTags.Make).Value.Span));
            Assert.Equal("N\0", Encoding.ASCII.GetString(Assert.Single(block.Gps).Value.Span));
            Assert.Contains(block.Exif, entry => entry.Tag == 0x9003);
            Assert.Single(block.Exif, entry => entry.Tag == ExifTags.UserComment);
            var packet = Encoding.UTF8.GetString(carried.Xmp!.Value.Span);
            Assert.Contains("<dc:source>somewhere</dc:source>", packet, StringComparison.Ordinal);
            Assert.Equal(2, Occurrences(carried.Xmp.Value, "rdf:about=\"urn:it\""));
            Assert.Contains(Copies.Mark, packet, StringComparison.Ordinal);
            // The address of a manifest elsewhere belongs to the original.
            Assert.DoesNotContain("manifest.c2pa", packet, StringComparison.Ordinal);
            Assert.DoesNotContain("an:old-one", packet, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Settings_in_PNG_come_before_the_pixels_and_ASCII_is_the_kind_that_every_reader_knows()
    {
        static string[] TypesOf(byte[] png) => [.. PngChunks.Read(png).Select(chunk => chunk.Type)];

        var plain = TypesOf(SettingsWriter.Embed(Pictures.Png(), Copies.Settings("a fox", negative: null)));
        var letters = TypesOf(SettingsWriter.Embed(Pictures.Png(), Copies.Settings("ein Füchslein\0")));

        Assert.True(Array.IndexOf(plain, "tEXt") < Array.IndexOf(plain, "IDAT"));
        Assert.Equal((1, 1), (plain.Count(type => type == "tEXt"), plain.Count(type => type == "iTXt")));
        Assert.Equal((0, 2), (letters.Count(type => type == "tEXt"), letters.Count(type => type == "iTXt")));
    }

    [Fact]
    public void WebP_gets_the_header_that_announces_metadata_and_keeps_alpha_and_animation()
    {
        byte HeaderOf(byte[] webp)
        {
            var chunks = RiffChunks.Read(SettingsWriter.Embed(webp, Copies.Settings("a fox")));
            Assert.Equal(["EXIF", "XMP "], chunks.TakeLast(2).Select(chunk => chunk.Type));
            // Without the six bytes that begin Exif in JPEG.
            Assert.Matches("^(MM\0\\*|II\\*\0)", Encoding.Latin1.GetString(chunks[^2].Data.Span[..4]));
            return Assert.Single(chunks, chunk => chunk.Type == "VP8X").Data.Span[0];
        }
        const byte exifAndXmp = 0x0C, alpha = 0x10, animation = 0x02;

        Assert.Equal(exifAndXmp, HeaderOf(Pictures.Of("webp lossy", 20, 10)));
        Assert.Equal(exifAndXmp, HeaderOf(Pictures.Of("webp lossless", 20, 10)));
        using var frames = Image.NewFromBuffer(Pictures.Of("png", 20, 40));
        using var transparent = frames.Bandjoin(128);
        Assert.Equal(exifAndXmp | alpha, HeaderOf(transparent.WebpsaveBuffer(lossless: true)));
        using var animated = transparent.Mutate(image => image.Set(GValue.GIntType, "page-height", 20));
        Assert.Equal(exifAndXmp | alpha | animation, HeaderOf(animated.WebpsaveBuffer()));
    }

    [Fact]
    public void Addresses_in_AVIF_move_along_also_those_of_an_animation()
    {
        // The addresses of the frames of an animation lie in moov, before or after the pixels. Nothing here plays; only addresses count.
        var plain = Pictures.Of("avif", 61, 43);
        var data = IsoBoxes.Read(plain).Single(box => box.Type == "mdat");
        var table = new byte[] { 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0 };
        BinaryPrimitives.WriteInt32BigEndian(table.AsSpan(8), data.Start + 8);
        var moov = new[] { "stbl", "minf", "mdia", "trak", "moov" }.Aggregate(Box("stco", table), (inner, type) => Box(type, inner));
        byte[] animated = [.. plain, .. moov];

        var copy = SettingsWriter.Embed(animated, Copies.Settings("a fox"));

        var moved = copy.AsSpan().IndexOf("stco"u8) + 12;
        var address = BinaryPrimitives.ReadInt32BigEndian(copy.AsSpan(moved));
        Assert.NotEqual(data.Start + 8, address);
        Assert.Equal(plain.AsSpan(data.Start + 8, 32), copy.AsSpan(address, 32));
    }

    [Fact]
    public void A_text_of_PNG_that_unpacks_to_too_much_is_skipped()
    {
        using var packed = new MemoryStream();
        using (var zip = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
            zip.Write(new byte[PngTexts.MostInflated + 1]);
        var bomb = PngChunks.Make("zTXt", [.. "bomb\0\0"u8, .. packed.ToArray()]);

        var texts = PngTexts.Read([bomb, PngTexts.Make("parameters", "a fox")]);

        Assert.Equal("a fox", Assert.Single(texts).Text);
    }

    [Fact]
    public void Damaged_files_are_refused_by_kind()
    {
        foreach (var format in Copies.Formats)
        {
            var image = Copies.Picture(format);
            foreach (var cut in (int[])[0, 3, 11, 30, image.Length / 3])
            {
                var failure = Assert.Throws<GenApiException>(() => SettingsWriter.Embed(image.AsMemory(0, cut), Copies.Settings("a fox")));
                Assert.Equal(ErrorKind.ImageNotConvertible, failure.Kind);
                Assert.NotEqual(true, ContentCredentials.ArePresent(image.AsMemory(0, cut)));
            }
        }
    }

    [Fact]
    public void An_XMP_packet_that_cannot_be_read_is_replaced()
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", 100_000));
        const string entity = "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/hostname'>]><x:xmpmeta xmlns:x='adobe:ns:meta/'>&e;</x:xmpmeta>";
        foreach (var packet in (string[])["", "no XML", deep, entity, "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>"])
            Assert.Equal(ImageMark.Xmp(), ImageMark.Xmp(Encoding.UTF8.GetBytes(packet)));
    }

    [Fact]
    public void Long_Exif_of_a_JPEG_gives_way_to_settings_but_for_the_orientation()
    {
        var exif = new ExifBlock
        {
            Main = [new(ExifTags.Orientation, 3, 1, new byte[] { 0, 8 }), ExifEntry.Undefined(ExifTags.MakerNote, new byte[65_400])],
        };
        var original = ImageContainer.Write(Pictures.Of("jpeg", 61, 43), new MetadataChange { Exif = exif.Write() });

        var copy = SettingsWriter.Embed(original, Copies.Settings("a fox"));

        Assert.Equal(Copies.Text("a fox"), Settings(copy));
        Assert.Equal([ExifTags.Orientation], ExifBlock.Read(ImageContainer.Read(copy).Exif!.Value)!.Main.Select(entry => entry.Tag));
    }

    private static string Settings(byte[] copy)
    {
        var carried = ImageContainer.Read(copy);
        if (carried.Format == ContainerFormat.Png)
            return Assert.Single(carried.Texts, text => text.Keyword == SettingsText.PngKeyword).Text;
        var comment = Assert.Single(ExifBlock.Read(carried.Exif!.Value)!.Exif, entry => entry.Tag == ExifTags.UserComment);
        return Encoding.BigEndianUnicode.GetString(comment.Value.Span[8..]);
    }

    private static int Occurrences(ReadOnlyMemory<byte> packet, string part) => Encoding.UTF8.GetString(packet.Span).Split(part).Length - 1;

    private static byte[] Box(string type, byte[] content)
    {
        var size = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(size, content.Length + 8);
        return [.. size, .. Encoding.ASCII.GetBytes(type), .. content];
    }
}
