using System.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Images.Conversion;
using static GenApi.Tests.Images.Conversion.Samples;

namespace GenApi.Tests.Images.Conversion;

/// <summary>No original takes more pixels, memory, time or workers than the settings allow.</summary>
public sealed class LimitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_image_with_too_many_pixels_is_refused_before_it_is_decoded()
    {
        // 3.6 billion pixels, and no data for them: only reading the header can give this answer.
        var refusal = await RefusalAsync(Png(60_000, 60_000, DamageTests.Packed(new byte[10])), To(VariantFormat.Webp, 64));

        Assert.Equal(ErrorKind.ImageNotConvertible, refusal.Kind);
        Assert.Contains("3600000000 pixels", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("100000000", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_frames_of_an_animation_count_together()
    {
        var animation = Animation(".gif", 64, 48);

        var refusal = await RefusalAsync(animation, To(VariantFormat.Webp, 32), options => options.MaxPixels = 4 * 64 * 48 - 1);

        Assert.Contains($"{4 * 64 * 48} pixels", refusal.Message, StringComparison.Ordinal);
        await ConvertAsync(animation, To(VariantFormat.Webp, 32), options => options.MaxPixels = 4 * 64 * 48);
        await ConvertAsync(animation, To(VariantFormat.Png, 32), options => options.MaxPixels = 64 * 48);
    }

    /// <summary>The encoder of AVIF can't be stopped, so it is not even begun.</summary>
    [Fact]
    public async Task An_avif_that_would_be_too_large_is_refused()
    {
        var refusal = await RefusalAsync(Vast(4100, 4100), To(VariantFormat.Avif), options => options.MaxMemoryMb = 2000);

        Assert.Equal(ErrorKind.ImageNotConvertible, refusal.Kind);
        Assert.Contains("16777216", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("webp lossless")]
    [InlineData("avif")]
    [InlineData("gif")]
    [InlineData("png interlaced")]
    public async Task An_image_that_needs_too_much_memory_is_refused(string format)
    {
        var refusal = await RefusalAsync(Plain(format, 2000, 1500), To(VariantFormat.Webp, 64), options => options.MaxMemoryMb = 16);

        Assert.Equal(ErrorKind.ImageNotConvertible, refusal.Kind);
        Assert.Contains("at most 16 MiB are allowed", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_original_that_is_larger_than_the_memory_is_not_even_read()
    {
        using var converter = Converter(options => options.MaxMemoryMb = 16);
        var huge = new OriginalImage(17 << 20, _ => throw new InvalidOperationException("It was read."));

        var refusal = await Assert.ThrowsAsync<GenApiException>(() => converter.ConvertAsync(huge, To(VariantFormat.Webp, 64), Stop));

        Assert.Equal(ErrorKind.ImageNotConvertible, refusal.Kind);
    }

    /// <summary>libvips inflates all texts of a PNG when it opens it; these would take 400 MB.</summary>
    [Fact]
    public async Task Texts_that_inflate_take_no_memory()
    {
        byte[] text = [.. "Comment\0\0"u8, .. DamageTests.Packed(new byte[4_000_000])];
        var bomb = Png(8, 8, DamageTests.Packed(new byte[16]), [.. Enumerable.Repeat(("zTXt", text), 100)]);
        var before = Process.GetCurrentProcess().PeakWorkingSet64;

        await ConvertAsync(bomb, To(VariantFormat.Webp, 64));

        Assert.InRange(Process.GetCurrentProcess().PeakWorkingSet64 - before, 0, 200 << 20);
    }

    [Fact]
    public async Task A_conversion_that_takes_too_long_is_refused_and_really_ends()
    {
        using var converter = Converter(options => (options.MaxMemoryMb, options.ConversionSeconds, options.Workers) = (2000, 1, 1));
        var began = Stopwatch.GetTimestamp();

        var refusal = await Assert.ThrowsAsync<GenApiException>(
            () => converter.ConvertAsync(Vast(9_900, 9_900), To(VariantFormat.Webp), Stop));

        Assert.Equal(ErrorKind.ImageNotConvertible, refusal.Kind);
        Assert.Contains("longer than the 1 seconds", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        await IdleAsync(converter);
    }

    [Fact]
    public async Task A_caller_who_leaves_frees_the_worker()
    {
        using var converter = Converter(options => (options.MaxMemoryMb, options.Workers) = (2000, 1));
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var slow = converter.ConvertAsync(Vast(9_900, 9_900), To(VariantFormat.Webp), leaving.Token);
        await UntilAsync(() => converter.Running == 1);

        await leaving.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        Assert.Equal(32, (await converter.ConvertAsync(Pictures.Png(), To(VariantFormat.Webp, 32), Stop)).Width);
    }

    [Fact]
    public async Task Of_many_at_once_only_the_head_of_the_queue_reads_its_original()
    {
        using var converter = Converter();
        var png = Pictures.Png(300, 200);
        var (reading, most, mostRunning) = (0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, 64).Select(async _ =>
        {
            var original = new OriginalImage(png.Length, async _ =>
            {
                most = Math.Max(most, Interlocked.Increment(ref reading));
                mostRunning = Math.Max(mostRunning, converter.Running);
                await Task.Yield();
                Interlocked.Decrement(ref reading);
                return png;
            });
            Assert.Equal(64, (await converter.ConvertAsync(original, To(VariantFormat.Webp, 64), Stop)).Width);
        }));

        Assert.Equal(1, most);
        Assert.InRange(mostRunning, 1, 2);
        await IdleAsync(converter);
    }

    [Fact]
    public async Task Memory_is_shared_by_those_at_work()
    {
        var webp = Plain("webp lossless", 2000, 1000);
        // Each takes some 17 MiB: one fits at a time.
        using var converter = Converter(options => (options.MaxMemoryMb, options.Workers) = (25, 4));
        var most = 0;

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => converter.ConvertAsync(
            new OriginalImage(webp.Length, _ =>
            {
                most = Math.Max(most, converter.Running);
                return Task.FromResult<ReadOnlyMemory<byte>>(webp);
            }),
            To(VariantFormat.Webp, 64), Stop)));

        Assert.Equal(1, most);
        await IdleAsync(converter);
    }

    [Fact]
    public async Task A_queue_that_is_too_long_asks_to_come_again()
    {
        using var converter = Converter(options => options.Workers = 1);
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var never = new OriginalImage(10, async stop =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            return default;
        });
        var waiting = Enumerable.Range(0, ImageConverter.LongestQueue)
            .Select(_ => converter.ConvertAsync(never, To(VariantFormat.Webp, 64), leaving.Token)).ToArray();

        var refusal = await Assert.ThrowsAsync<GenApiException>(() => converter.ConvertAsync(never, To(VariantFormat.Webp, 64), Stop));

        Assert.Equal((ErrorKind.Overloaded, true), (refusal.Kind, refusal.IsTransient));
        Assert.InRange(refusal.RetryAfter!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(waiting));
        await IdleAsync(converter);
        Assert.Equal(32, (await converter.ConvertAsync(Pictures.Png(), To(VariantFormat.Webp, 32), Stop)).Width);
    }

    [Fact]
    public async Task A_failure_frees_worker_and_memory()
    {
        using var converter = Converter(options => (options.MaxMemoryMb, options.Workers) = (25, 1));
        var broken = Turned(".jpg", 800, 600, 6);
        byte[] gap = [.. broken[..(broken.Length / 2)], 0xFF, 0xD9];
        for (var each = 0; each < 6; each++)
            await Assert.ThrowsAsync<GenApiException>(() => converter.ConvertAsync(gap, To(VariantFormat.Webp, 64), Stop));

        Assert.Equal(32, (await converter.ConvertAsync(Pictures.Png(), To(VariantFormat.Webp, 32), Stop)).Width);
        await IdleAsync(converter);
    }

    private static byte[] Plain(string format, int width, int height)
    {
        using var solid = Solid(width, height, Red);
        return format switch
        {
            "webp lossless" => solid.WebpsaveBuffer(lossless: true, effort: 0),
            "avif" => solid.HeifsaveBuffer(compression: NetVips.Enums.ForeignHeifCompression.Av1, effort: 0),
            "gif" => solid.GifsaveBuffer(effort: 1),
            _ => solid.PngsaveBuffer(compression: 1, interlace: true),
        };
    }

    internal static Task IdleAsync(ImageConverter converter) => UntilAsync(() => converter is { Running: 0, Waiting: 0 });

    private static async Task UntilAsync(Func<bool> isSo)
    {
        var began = Stopwatch.GetTimestamp();
        while (!isSo())
        {
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, "It did not come to that.");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Stop);
        }
    }
}
