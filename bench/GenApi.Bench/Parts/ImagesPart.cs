using System.Globalization;
using GenApi.Bench.Rivals;

namespace GenApi.Bench.Parts;

/// <summary>Compares the conversion of images with npm's sharp, and measures what many at once take of memory.</summary>
internal static class ImagesPart
{
    private const int Files = 16, Side = 1024, AtOnce = 64;
    private const double LeastPerSecond = 60, LeastRatio = 1, MostGrowth = 150, Megabyte = 1 << 20;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var files = Directory.CreateDirectory(Path.Combine(lab.Folder, "files")).FullName;
        await PaintAsync(lab, files, cancellationToken);
        var sharp = Directory.CreateDirectory(Path.Combine(lab.Folder, "sharp")).FullName;
        await Sharp.InstallAsync(sharp, cancellationToken);

        List<double> ours = [], theirs = [];
        for (var round = 0; round < lab.Settings.Rounds; round++)
        {
            // Both begin equally often.
            foreach (var isOurs in round % 2 == 0 ? (bool[])[true, false] : [false, true])
            {
                (isOurs ? ours : theirs).Add(isOurs
                    ? await SelfAsync(lab, ["convert", files, Seconds(lab)], cancellationToken)
                    : await Sharp.RunAsync(sharp, files, lab.Settings.Seconds, cancellationToken));
            }
            await Console.Error.WriteLineAsync($"  images: GenApi {ours[^1]:0.0}/s, sharp {theirs[^1]:0.0}/s");
        }
        table.Versus("images", "1024² PNG to 256 WebP, 2 at once", "sharp", ours, theirs, LeastRatio);
        table.Median("images", "the same, alone", ours, "/s", "0.0", figure => Target.AtLeast(LeastPerSecond, figure, "/s"));

        List<double> growth = [];
        for (var round = 0; round < lab.Settings.Rounds; round++)
        {
            growth.Add(await SelfAsync(
                lab, ["grow", files, AtOnce.ToString(CultureInfo.InvariantCulture)], cancellationToken) / Megabyte);
        }
        table.Median(
            "images", $"memory, {AtOnce} at once over the idle process", growth, " MB", "0",
            figure => Target.AtMost(MostGrowth, figure, " MB"));
    }

    /// <summary>Has the sandbox paint, so that the files are like those of a first day.</summary>
    private static async Task PaintAsync(Lab lab, string files, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "data", null, cancellationToken);
        for (var seed = 1; seed <= Files; seed++)
        {
            var (answer, _) = await genApi.GenerateAsync(Requests.Body(seed, Side), cancellationToken);
            var url = Requests.Parse(answer).GetProperty("images")[0].GetProperty("url").GetString()!;
            await File.WriteAllBytesAsync(
                Path.Combine(files, string.Create(CultureInfo.InvariantCulture, $"{seed:00}.png")),
                await genApi.Http.GetByteArrayAsync(new Uri(url), cancellationToken), cancellationToken);
        }
        await lab.StopAsync(genApi);
        await lab.StopAsync(sandbox);
    }

    private static async Task<double> SelfAsync(Lab lab, string[] arguments, CancellationToken cancellationToken) => double.Parse(
        await Output.OfAsync(
            [Environment.ProcessPath ?? "dotnet", typeof(ImagesPart).Assembly.Location, .. arguments], lab.Folder, cancellationToken),
        CultureInfo.InvariantCulture);

    private static string Seconds(Lab lab) => lab.Settings.Seconds.ToString(CultureInfo.InvariantCulture);
}
