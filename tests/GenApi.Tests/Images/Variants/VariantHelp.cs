using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using System.Text.RegularExpressions;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Tests.Maintenance;
using Microsoft.Extensions.DependencyInjection;
using NetVips;

namespace GenApi.Tests.Images.Variants;

/// <summary>Makes images whose variants are asked for, and reads what became of them.</summary>
internal static partial class VariantHelp
{
    public const int Width = 256, Height = 192;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    /// <summary>Makes a PNG of <see cref="Width"/> × <see cref="Height"/>.</summary>
    public static async Task<Answer> PictureAsync(this GenApiApp app, int seed, params (string Name, string Value)[] headers)
    {
        var made = await app.GenerateAsync(new { prompt = "a red fox", seed, width = Width, height = Height }, headers);
        Assert.True(made.Status == 200, made.Text);
        return made;
    }

    public static string Path(this Answer made) => made.ImageUrl().AbsolutePath;

    /// <summary>Adds an image of any kind to a generation.</summary>
    public static async Task<string> StoreAsync(GenApiApp app, Answer made, byte[] bytes, int index = 1)
    {
        var library = app.Services.GetRequiredService<ImageLibrary>();
        Assert.True(PublicId.TryParse(PublicId.Generation, made.Id, out var generation));
        using var staged = await library.StageAsync(new MemoryStream(bytes), Ended);
        var image = staged.ToRow(ImagesHost.NewId(), generation, index, "a-red-fox");
        await app.Services.GetRequiredService<DatabaseWriter>().WriteAsync(async (db, token) =>
        {
            db.Add(image);
            await db.SaveChangesAsync(token);
        }, Ended);
        return ImagesHost.UrlOf(image);
    }

    /// <summary>Returns how many variants were made since the start.</summary>
    /// <param name="app">The service.</param>
    /// <param name="outcome">One outcome; null: all.</param>
    public static async Task<int> MadeAsync(GenApiApp app, string? outcome = null)
    {
        var page = (await app.GetAsync("/metrics")).Text;
        return Count().Matches(page).Where(line => outcome is null || line.Groups[1].Value == outcome)
            .Sum(line => int.Parse(line.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    public static Task<long> RowsAsync(GenApiApp app) => Damage.ExecuteAsync(app, "SELECT count(*) FROM ImageVariants");

    public static async Task<int> BlobsAsync(GenApiApp app) => (await app.Store.NeededBlobsAsync()).Length;

    /// <summary>Returns the name under which the bytes of an answer are stored.</summary>
    public static string KeyOf(Answer variant) => variant.Header("ETag")!.Trim('"');

    public static (int Width, int Height) SizeOf(Answer variant)
    {
        using var image = Image.NewFromBuffer(variant.Body);
        return (image.Width, image.Height);
    }

    /// <summary>Returns a PNG that looks whole from outside and can't be decoded: every chunk has its checksum.</summary>
    public static byte[] Undecodable(int side = 200)
    {
        var png = Pictures.Png(side, side);
        var data = png.AsSpan().IndexOf("IDAT"u8);
        var length = BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(data - 4));
        png.AsSpan(data + 4 + length / 4, length / 2).Fill(0x55);
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(data + 4 + length), Crc32.HashToUInt32(png.AsSpan(data, length + 4)));
        return png;
    }

    [GeneratedRegex("""^genapi_images_variants_total\{[^}]*outcome="(\w+)"[^}]*\} (\d+)""", RegexOptions.Multiline)]
    private static partial Regex Count();
}
