using System.Diagnostics;
using System.Globalization;
using GenApi.Core.Images.Conversion;
using Microsoft.Extensions.Options;

namespace GenApi.Bench.Rivals;

/// <summary>GenApi's own converter in a process of its own, next to a Node process with sharp (<see cref="Sharp"/>).</summary>
internal static class Conversions
{
    public const int Workers = 2, Pixels = 256, Quality = 80;

    private static readonly ImageConversion Wanted = new()
    {
        Width = Pixels,
        Height = Pixels,
        Format = VariantFormat.Webp,
        Quality = Quality,
    };

    /// <summary>Converts the files of a folder again and again, two at once, and prints how many a second.</summary>
    public static async Task<int> RunAsync(string folder, double seconds)
    {
        using var converter = Converter();
        var files = Directory.GetFiles(folder, "*.png").Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        for (var warmUp = 0; warmUp < 2; warmUp++)
            await Task.WhenAll(files.Select(file => converter.ConvertAsync(file, Wanted, CancellationToken.None)));
        var (next, began) = (-1, Stopwatch.GetTimestamp());
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
                await converter.ConvertAsync(files[Interlocked.Increment(ref next) % files.Length], Wanted, CancellationToken.None);
        }));
        await Console.Out.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"{(next + 1) / Stopwatch.GetElapsedTime(began).TotalSeconds:0.000}"));
        return 0;
    }

    /// <summary>Asks for many conversions at once and prints by how many bytes the process grew at most.</summary>
    public static async Task<int> GrowAsync(string folder, int atOnce)
    {
        using var converter = Converter();
        var files = Directory.GetFiles(folder, "*.png").Order(StringComparer.Ordinal).ToArray();
        var idle = Status("VmRSS:");
        for (var round = 0; round < 3; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, atOnce).Select(each => converter.ConvertAsync(
                new OriginalImage(
                    new FileInfo(files[each % files.Length]).Length,
                    async stop => await File.ReadAllBytesAsync(files[each % files.Length], stop)),
                Wanted, CancellationToken.None)));
        }
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{Status("VmHWM:") - idle}"));
        return 0;
    }

    private static ImageConverter Converter() =>
        new(Options.Create(new ConversionOptions { Workers = Workers }), RendererProgram.Find());

    private static long Status(string member)
    {
        var line = File.ReadLines("/proc/self/status").First(each => each.StartsWith(member, StringComparison.Ordinal));
        return long.Parse(
            line[member.Length..].Replace("kB", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) * 1024;
    }
}
