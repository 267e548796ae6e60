using System.Text.Json;
using GenApi.Core.Images.ThumbHashes;
using GenApi.Tests.Generations;
using GenApi.Tests.Maintenance;

namespace GenApi.Tests.Gallery;

/// <summary>
/// Compares our ThumbHashes with those of the reference, npm thumbhash 0.1.1, by the pixels that a page would paint: bytes can't be equal,
/// because the noise of rounding is scaled up where a picture is flat.
/// </summary>
public sealed class ThumbHashTests
{
    private const int Tolerance = 16;

    private static readonly JsonElement Vectors =
        JsonElement.Parse(File.ReadAllText(Repository.PathOf("tests/GenApi.Tests/Gallery/thumbhash.json")));

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public void A_hash_paints_what_that_of_the_reference_paints()
    {
        foreach (var vector in Vectors.EnumerateArray())
        {
            var (kind, width, height) = (
                vector.GetProperty("kind").GetString()!, vector.GetProperty("width").GetInt32(), vector.GetProperty("height").GetInt32());
            var name = $"{kind} {width} × {height}";
            var expected = vector.GetProperty("hash").GetBytesFromBase64();

            var hash = ThumbHashEncoder.Encode(width, height, Painted(kind, width, height));

            Assert.Equal((name, expected.Length), (name, hash.Length));
            var (shownWidth, shownHeight, pixels) = PaintedBlur.Of(hash);
            Assert.Equal(
                (name, vector.GetProperty("shown_width").GetInt32(), vector.GetProperty("shown_height").GetInt32()),
                (name, shownWidth, shownHeight));
            AssertClose(name, PaintedBlur.Of(expected).Rgba, pixels);
            // What the reference itself paints, at each fourth pixel of each fourth row.
            var sample = new List<byte>();
            for (var y = 0; y < shownHeight; y += 4)
            {
                for (var x = 0; x < shownWidth; x += 4)
                    sample.AddRange(pixels.AsSpan(4 * (y * shownWidth + x), 4));
            }
            AssertClose(name, vector.GetProperty("pixels").GetBytesFromBase64(), [.. sample]);
        }
    }

    [Theory]
    [InlineData(101, 1)]
    [InlineData(1, 101)]
    [InlineData(0, 1)]
    public void A_picture_of_another_size_is_refused(int width, int height) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ThumbHashEncoder.Encode(width, height, new byte[4 * width * height]));

    [Fact]
    public async Task Each_image_gets_a_hash_after_it_is_stored_and_also_after_a_restart()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        var hash = await HashAsync(app, Listed.ImagesOf(made)[0]);
        Assert.InRange(Convert.FromBase64String(hash!).Length, 5, 25);
        // An image of the memory shows it too.
        await app.StopAsync();
        await Damage.ExecuteAsync(app, "UPDATE Images SET ThumbHash = NULL");
        await app.StartAgainAsync();
        // The next image ends the rest after the start.
        var next = await app.GenerateAsync(Requests.Small(2));

        Assert.NotNull(await HashAsync(app, Listed.ImagesOf(next)[0]));
        Assert.Equal(hash, await HashAsync(app, Listed.ImagesOf(made)[0]));
        Assert.Equal(0, await WithoutAsync(app));
    }

    [Fact]
    public async Task An_image_that_can_not_be_read_is_tried_once()
    {
        await using var app = await GenApiApp.StartAsync();
        var lost = await app.GenerateAsync(Requests.Small(1));
        var damaged = await app.GenerateAsync(Requests.Small(2));
        await HashAsync(app, Listed.ImagesOf(lost)[0]);
        await HashAsync(app, Listed.ImagesOf(damaged)[0]);
        await app.StopAsync();
        await Damage.ExecuteAsync(app, "UPDATE Images SET ThumbHash = NULL");
        await app.Store.Blobs.DeleteAsync(Damage.KeyOf(lost));
        var bytes = await app.Store.Blobs.ReadAsync(Damage.KeyOf(damaged));
        bytes.AsSpan(bytes.Length / 2).Clear();
        await app.Store.Blobs.WriteAsync(Damage.KeyOf(damaged), bytes);
        await app.StartAgainAsync();

        var next = await app.GenerateAsync(Requests.Small(3));
        while (await WithoutAsync(app) > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);

        Assert.NotNull(await HashAsync(app, Listed.ImagesOf(next)[0]));
        Assert.Equal(2, await Damage.ExecuteAsync(app, "SELECT count(*) FROM Images WHERE length(ThumbHash) = 0"));
        Assert.All(
            (await Listed.RowsAsync(app)).Where(row => row.GetProperty("id").GetString() != Listed.ImagesOf(next)[0]),
            row => Assert.Equal(JsonValueKind.Null, row.GetProperty("thumbhash").ValueKind));
        Assert.Empty(app.Logs);
    }

    /// <summary>Reads the list until the image has its hash, which takes some milliseconds.</summary>
    private static async Task<string?> HashAsync(GenApiApp app, string id)
    {
        while (true)
        {
            var row = (await Listed.RowsAsync(app)).Single(each => each.GetProperty("id").GetString() == id);
            if (row.GetProperty("thumbhash").GetString() is { } hash)
                return hash;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Ended);
        }
    }

    private static Task<long> WithoutAsync(GenApiApp app) =>
        Damage.ExecuteAsync(app, "SELECT count(*) FROM Images WHERE ThumbHash IS NULL");

    private static void AssertClose(string name, byte[] expected, byte[] actual)
    {
        Assert.Equal((name, expected.Length), (name, actual.Length));
        var furthest = expected.Zip(actual, (one, other) => Math.Abs(one - other)).Max();
        Assert.True(furthest <= Tolerance, $"{name} is off by {furthest}.");
    }

    /// <summary>Paints the picture of a vector by integers alone, as the program that wrote the vectors did.</summary>
    private static byte[] Painted(string kind, int width, int height)
    {
        var rgba = new List<byte>();
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
                rgba.AddRange(Pixel(kind, x, y, width, height).Select(each => (byte)each));
        }
        return [.. rgba];
    }

    private static int[] Pixel(string kind, int x, int y, int width, int height)
    {
        var (across, down) = (2 * x - width, 2 * y - height);
        var isInside = across * across + down * down < Math.Min(width, height) * Math.Min(width, height) / 2.0;
        var noise = (x * 7919 + y * 104729 + x * y * 31) % 256;
        return kind switch
        {
            "flat" => [200, 30, 60, 255],
            "black" => [0, 0, 0, 255],
            "gradient" => [255 * x / Math.Max(1, width - 1), 255 * y / Math.Max(1, height - 1), 128, 255],
            "stripes" => x % 20 < 10 ? [255, 255, 255, 255] : [10, 40, 200, 255],
            "disc" => isInside ? [240, 180, 20, 255] : [20, 90, 40, 255],
            "cutout" => isInside ? [250, 60, 20, 255] : [0, 0, 0, 0],
            "veil" => [30, 120, 220, 255 * y / Math.Max(1, height - 1)],
            "clear" => [90, 90, 90, 0],
            "noise" => [noise, noise * 7 % 256, noise * 13 % 256, 255],
            _ => throw new ArgumentException("No such picture.", nameof(kind)),
        };
    }
}
