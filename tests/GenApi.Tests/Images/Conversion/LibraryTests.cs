using GenApi.Core.Errors;
using GenApi.Core.Uploads;
using NetVips;

namespace GenApi.Tests.Images.Conversion;

/// <summary>libvips opens nothing before its loaders for trusted files are blocked.</summary>
public sealed class LibraryTests
{
    private static readonly string[] Openers = ["NewFrom", "ThumbnailBuffer", "ThumbnailSource", "loadBuffer(", "loadSource("];

    [Fact]
    public void Every_file_of_the_core_that_opens_bytes_prepares_the_library_first()
    {
        var opening = Directory.EnumerateFiles(Repository.PathOf("src/GenApi.Core"), "*.cs", SearchOption.AllDirectories)
            .Select(file => (File: file, Text: File.ReadAllText(file)))
            .Where(each => each.Text.Contains("using NetVips;", StringComparison.Ordinal)
                && Array.Exists(Openers, opener => each.Text.Contains(opener, StringComparison.Ordinal)))
            .ToList();

        Assert.NotEmpty(opening);
        Assert.All(opening, each => Assert.True(
            each.Text.Contains("VipsLibrary.Prepare();", StringComparison.Ordinal), $"{each.File} opens bytes unprepared."));
    }

    [Fact]
    public void A_drawing_is_no_mask()
    {
        var drawing = "<svg xmlns='http://www.w3.org/2000/svg' width='8' height='8'/>"u8.ToArray();

        var inverted = Assert.Throws<GenApiException>(() => MaskPixels.Invert(drawing));
        var made = Assert.Throws<GenApiException>(() => MaskPixels.FromAlpha(drawing, AlphaMeaning.TransparentIsPainted));

        Assert.All([inverted, made], fault =>
        {
            Assert.Equal(ErrorKind.InvalidInput, fault.Kind);
            Assert.IsType<VipsException>(fault.InnerException);
        });
    }
}
