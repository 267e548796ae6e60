using System.Buffers.Binary;
using System.Text;
using GenApi.Core.Images;
using GenApi.Core.Images.Probes;
using NetVips;

namespace GenApi.Tests.Images;

/// <summary>Width and height are those of the displayed image, however its format rotates and crops it.</summary>
public sealed class DisplayedSizeTests
{
    [Theory]
    [InlineData(".jpg", 1, 320, 200)]
    [InlineData(".jpg", 3, 320, 200)]
    [InlineData(".jpg", 5, 200, 320)]
    [InlineData(".jpg", 6, 200, 320)]
    [InlineData(".jpg", 8, 200, 320)]
    [InlineData(".png", 6, 200, 320)]
    [InlineData(".png", 2, 320, 200)]
    [InlineData(".webp", 6, 200, 320)]
    [InlineData(".webp", 1, 320, 200)]
    public void Exif_turns_a_picture(string extension, int orientation, int width, int height)
    {
        var facts = Probe(Turned(extension, orientation));

        Assert.Equal((width, height), (facts.Width, facts.Height));
    }

    [Fact]
    public void Exif_in_the_other_byte_order_is_read_too()
    {
        var jpeg = Pictures.Of("jpeg", 320, 200);
        byte[] tiff = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];

        Assert.Equal(200, Probe(WithExif(jpeg, tiff)).Width);
    }

    [Theory]
    [InlineData("")]
    [InlineData("II*\0\u0008\0\0\0")]
    [InlineData("II*\0\u00FF\u00FF\u00FF\u00FF")]
    [InlineData("II*\0\u0008\0\0\0\u00FF\u00FF\u0012\u0001\u0003\0\u0001\0\0\0\u0009\0\0\0")]
    public void Exif_that_makes_no_sense_turns_nothing(string tiff) =>
        Assert.Equal(320, Probe(WithExif(Pictures.Of("jpeg", 320, 200), Encoding.Latin1.GetBytes(tiff))).Width);

    [Fact]
    public void An_avif_of_an_encoder_keeps_its_size() => Assert.Equal((320, 200), SizeOf(Pictures.Of("avif", 320, 200)));

    // Written by avifenc: 32 by 20 with --irot 1, and with --clap of 16 by 8.
    [Theory]
    [InlineData(
        "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAD8bWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAADnBpdG0AAA"
            + "AAAAEA"
        + "AAAeaWxvYwAAAABEAAABAAEAAAABAAABJAAAABcAAAAoaWluZgAAAAAAAQAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAAdGlwcnAAAABUaXBjbwAAABRpc3BlAAA"
        + "AAAAAACAA"
        + "AAAUAAAAEHBpeGkAAAAAAwgICAAAAAxhdjFDgSAAAAAAABNjb2xybmNseAABAA0ABoAAAAAJaXJvdAEAAAAYaXBtYQAAAAAAAAABAAEFAQKDBIUAAAAfbWRhdBIACgg"
        + "4ET82EBDQ"
        + "aTIJFkAGGGGEAA5A", 20, 32)]
    [InlineData(
        "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAEbbWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAADnBpdG0AAA"
            + "AAAAEA"
        + "AAAeaWxvYwAAAABEAAABAAEAAAABAAABQwAAABcAAAAoaWluZgAAAAAAAQAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAAk2lwcnAAAABzaXBjbwAAABRpc3BlAAA"
        + "AAAAAACAA"
        + "AAAUAAAAEHBpeGkAAAAAAwgICAAAAAxhdjFDgSAAAAAAABNjb2xybmNseAABAA0ABoAAAAAoY2xhcAAAABAAAAABAAAACAAAAAEAAAAAAAAAAQAAAAAAAAABAAAAGGl"
        + "wbWEAAAAA"
        + "AAAAAQABBQECgwSFAAAAH21kYXQSAAoIOBE/NhAQ0GkyCRZABhhhhAAOQA==", 16, 8)]
    public void An_avif_of_an_encoder_is_turned_and_cropped(string base64, int width, int height) =>
        Assert.Equal((width, height), SizeOf(Convert.FromBase64String(base64)));

    [Theory]
    [InlineData(0, 320, 200)]
    [InlineData(1, 200, 320)]
    [InlineData(2, 320, 200)]
    [InlineData(3, 200, 320)]
    public void An_avif_is_turned_by_quarters(byte quarters, int width, int height) =>
        Assert.Equal((width, height), SizeOf(Avif([Extent(320, 200), Box("irot", quarters)], [1, 2])));

    [Fact]
    public void An_avif_that_is_mirrored_keeps_its_size() =>
        Assert.Equal((320, 200), SizeOf(Avif([Extent(320, 200), Box("imir", 1)], [1, 2])));

    [Fact]
    public void An_avif_is_cropped() => Assert.Equal((100, 50), SizeOf(Avif([Extent(320, 200), Clap(100, 1, 50, 1)], [1, 2])));

    [Fact]
    public void An_avif_is_cropped_and_then_turned_wherever_its_extent_stands() =>
        Assert.Equal((50, 100), SizeOf(Avif([Clap(200, 2, 50, 1), Box("irot", 1), Extent(320, 200)], [1, 2, 3])));

    [Fact]
    public void A_crop_of_more_than_there_is_crops_nothing() =>
        Assert.Equal((320, 200), SizeOf(Avif([Extent(320, 200), Clap(999, 1, 50, 0)], [1, 2])));

    [Fact]
    public void Of_several_items_the_primary_one_counts() =>
        Assert.Equal((64, 48), SizeOf(Avif([Extent(320, 200), Extent(64, 48), Box("irot", 1)], [2], other: [1, 3])));

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Ids_and_numbers_of_either_length_are_read(bool longIds, bool longNumbers) =>
        Assert.Equal((200, 320), SizeOf(Avif([Extent(320, 200), Box("irot", 1)], [1, 2], null, longIds, longNumbers)));

    private static (int, int) SizeOf(byte[] bytes) => (Probe(bytes).Width, Probe(bytes).Height);

    private static byte[] Turned(string extension, int orientation)
    {
        using var plain = Image.NewFromBuffer(Pictures.Of("png", 320, 200));
        using var turned = plain.Mutate(image => image.Set(GValue.GIntType, "orientation", orientation));
        return turned.WriteToBuffer(extension);
    }

    private static byte[] WithExif(byte[] jpeg, byte[] tiff)
    {
        byte[] content = [.. "Exif\0\0"u8, .. tiff];
        return [.. jpeg[..2], 0xFF, 0xE1, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2), .. content, .. jpeg[2..]];
    }

    /// <summary>Makes the boxes that hold the size; there are no pixels behind them.</summary>
    private static byte[] Avif(byte[][] properties, byte[] ofPrimary, byte[]? other = null, bool longIds = false, bool longNumbers = false)
    {
        byte[] Id(byte id) => longIds ? [0, 0, 0, id] : [0, id];
        byte[] Number(byte number) => longNumbers ? [0x80, number] : [(byte)(0x80 | number)];
        byte[] Item(byte id, byte[] numbers) => [.. Id(id), (byte)numbers.Length, .. numbers.SelectMany(Number)];
        byte[] associations = [.. other is null ? [] : Item(2, other), .. Item(1, ofPrimary)];
        byte[] head = [(byte)(longIds ? 1 : 0), 0, 0, (byte)(longNumbers ? 1 : 0), .. Big(other is null ? 1u : 2u)];
        return
        [
            .. Box("ftyp", [.. "avif\0\0\0\0avifmif1"u8]),
            .. Box(
                "meta",
                [0, 0, 0, 0, .. Box("pitm", 0, 0, 0, 0, 0, 1),
                    .. Box(
                        "iprp", [.. Box("ipco", [.. properties.SelectMany(each => each)]), .. Box("ipma", [.. head, .. associations])])]),
            .. Box("mdat", 1, 2, 3, 4),
        ];
    }

    private static byte[] Extent(uint width, uint height) => Box("ispe", [0, 0, 0, 0, .. Big(width), .. Big(height)]);

    private static byte[] Clap(uint width, uint widthUnder, uint height, uint heightUnder) =>
        Box("clap", [.. Big(width), .. Big(widthUnder), .. Big(height), .. Big(heightUnder), .. new byte[16]]);

    private static byte[] Box(string type, params byte[] content) =>
        [.. Big((uint)content.Length + 8), .. Encoding.ASCII.GetBytes(type), .. content];

    private static byte[] Big(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static ImageFacts Probe(byte[] bytes) => ImageProbe.Read(OutputProbeTests.ReaderOf(bytes), bytes.Length);
}
