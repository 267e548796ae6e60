using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace GenApi.Bench.Parts;

/// <summary>
/// Measures how much memory the GenApi process takes for a zip of 500 images of 1.5 MB: for one that is read at once, and for several whose
/// readers stop in the middle.
/// </summary>
internal static class ArchivePart
{
    private const int Images = 500;
    private const int ImageBytes = 1_500_000;
    private const int Makers = 8;
    private const int SlowReaders = 16;
    private const int Pixels = 1024;
    private const double Megabyte = 1 << 20;
    private const double MostGrowth = 30;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var front = await lab.StartFrontAsync(sandbox, cancellationToken);
        var size = new Uri(string.Create(CultureInfo.InvariantCulture, $"bench/bytes/{ImageBytes}"), UriKind.Relative);
        using (var asked = await front.Http.PutAsync(size, null, cancellationToken))
            asked.EnsureSuccessStatusCode();
        var (maker, _) = await lab.StartGenApiAsync(front.BaseUrl, "data", null, cancellationToken);
        var ids = new string[Images];
        await Parallel.ForAsync(0, Images, new ParallelOptions { MaxDegreeOfParallelism = Makers, CancellationToken = cancellationToken },
            async (at, token) => ids[at] = await MakeAsync(maker, at + 1, token));
        await lab.StopAsync(maker);

        // Another process, which has not yet grown by making them.
        var (genApi, _) = await lab.StartGenApiAsync(front.BaseUrl, "data", null, cancellationToken);
        await ReadAsync(genApi, ids[..1], cancellationToken);
        await Task.Delay(Settling, TimeProvider.System, cancellationToken);
        var idle = genApi.Child.ResidentBytes;

        var rates = new List<double>();
        var growth = new List<double>();
        for (var round = 0; round < lab.Settings.Rounds; round++)
        {
            genApi.Child.ResetPeak();
            var began = Stopwatch.GetTimestamp();
            var bytes = await ReadAsync(genApi, ids, cancellationToken);
            if (bytes < (long)Images * ImageBytes)
                throw new BenchException($"The archive has {bytes} bytes.");
            rates.Add(bytes / Megabyte / Stopwatch.GetElapsedTime(began).TotalSeconds);
            growth.Add((genApi.Child.PeakResidentBytes - idle) / Megabyte);
        }
        table.Median("archive", $"{Images} images of 1.5 MB", rates, " MB/s");
        table.Single(
            "archive", "memory growth, the highest round", $"{growth.Max():0.0} MB", Target.AtMost(MostGrowth, growth.Max(), " MB"),
            $"{idle / Megabyte:0} MB before; VmHWM");
        await SlowAsync(genApi, ids, idle, table, cancellationToken);
    }

    /// <summary>Begins several archives and reads only the beginning of each.</summary>
    private static async Task SlowAsync(
        Server genApi, string[] ids, long idle, Table table, CancellationToken cancellationToken)
    {
        genApi.Child.ResetPeak();
        var answers = await Task.WhenAll(Enumerable.Range(0, SlowReaders).Select(_ => BeginAsync(genApi, ids, cancellationToken)));
        await Task.Delay(Settling, TimeProvider.System, cancellationToken);
        var growth = (genApi.Child.PeakResidentBytes - idle) / Megabyte;
        table.Single("archive", $"memory growth, {SlowReaders} readers that stop reading", $"{growth:0.0} MB");
        foreach (var answer in answers)
            answer.Dispose();
    }

    private static async Task<string> MakeAsync(Server genApi, int seed, CancellationToken cancellationToken)
    {
        var (answer, _) = await genApi.GenerateAsync(Requests.Body(seed, Pixels), cancellationToken);
        return Requests.Parse(answer).GetProperty("images")[0].GetProperty("id").GetString()!;
    }

    private static async Task<long> ReadAsync(Server genApi, string[] ids, CancellationToken cancellationToken)
    {
        using var answer = await BeginAsync(genApi, ids, cancellationToken);
        await using var body = await answer.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[256 << 10];
        var bytes = 0L;
        while (await body.ReadAsync(buffer, cancellationToken) is var count and > 0)
            bytes += count;
        return bytes;
    }

    private static async Task<HttpResponseMessage> BeginAsync(Server genApi, string[] ids, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "images/archive") { Content = JsonContent.Create(new { ids }) };
        var answer = await genApi.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        return answer.StatusCode == HttpStatusCode.OK
            ? answer
            : throw new BenchException($"POST /images/archive answered {(int)answer.StatusCode}.");
    }
}
