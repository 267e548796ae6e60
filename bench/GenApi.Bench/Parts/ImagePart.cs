using System.Globalization;
using GenApi.Bench.Rivals;

namespace GenApi.Bench.Parts;

/// <summary>
/// Compares GET /images/{id}, also of kept variants, with nginx and the same file, and its 304 with a bare Kestrel.
/// </summary>
internal static class ImagePart
{
    private const int Small = 60 * 1024;
    private const int Large = 1 << 20;

    /// <summary>Widths of the variants of a painted picture.</summary>
    private static readonly int[] Widths = [256, 1024];

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var front = await lab.StartFrontAsync(sandbox, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(front.BaseUrl, "data", null, cancellationToken);
        var files = Directory.CreateDirectory(Path.Combine(lab.Folder, "files")).FullName;
        var (small, smallTag, answer) = await StoreAsync(genApi, front, files, 1, Small, cancellationToken);
        var (large, _, _) = await StoreAsync(genApi, front, files, 2, Large, cancellationToken);
        var painted = await MakeAsync(genApi, front, 3, 0, cancellationToken);
        foreach (var width in Widths)
            await KeepAsync(genApi, VariantOf(painted.Image, width), Path.Combine(files, VariantName(width)), cancellationToken);
        await lab.StopAsync(front);
        await lab.StopAsync(sandbox);
        var nginx = await lab.StartNginxAsync(files, Name(Small), cancellationToken);

        await AgainstNginxAsync("image 60 kB", small, Name(Small), lab.Settings.Connections, 0.6);
        await AgainstNginxAsync("image 1 MB", large, Name(Large), Math.Max(1, lab.Settings.Connections / 4), 0.8);
        foreach (var width in Widths)
        {
            var bytes = new FileInfo(Path.Combine(files, VariantName(width))).Length;
            await AgainstNginxAsync(
                string.Create(CultureInfo.InvariantCulture, $"variant of width {width}, {bytes / 1024.0:0.#} kB"),
                VariantOf(painted.Image, width), VariantName(width), lab.Settings.Connections, 0.9);
        }

        var answerFile = Path.Combine(lab.Folder, "answer.json");
        await File.WriteAllBytesAsync(answerFile, answer, cancellationToken);
        var kestrel = await lab.StartRivalAsync(answerFile, cancellationToken);
        await ExpectNotModifiedAsync(genApi, small, smallTag, cancellationToken);
        await ExpectNotModifiedAsync(kestrel, new Uri(kestrel.BaseUrl, "x"), KestrelRival.ETag, cancellationToken);
        var (ours, theirs) = await new Duel(lab, "304").RunAsync(
            new("GenApi", genApi, new(small, lab.Settings.Connections, IfNoneMatch: smallTag)),
            new("Kestrel", kestrel, new(new Uri(kestrel.BaseUrl, "x"), lab.Settings.Connections, IfNoneMatch: KestrelRival.ETag)),
            cancellationToken);
        Add("image 304", "Kestrel", ours, theirs, 0.7);

        async Task AgainstNginxAsync(string row, Uri image, string file, int connections, double target)
        {
            var (our, their) = await new Duel(lab, row).RunAsync(
                new("GenApi", genApi, new(image, connections)),
                new("nginx", nginx, new(new Uri(nginx.BaseUrl, file), connections)),
                cancellationToken);
            Add($"{row}, {connections} connections", "nginx", our, their, target);
        }

        void Add(string row, string rival, IReadOnlyList<Duel.Turn> our, IReadOnlyList<Duel.Turn> their, double target) =>
            table.Versus(
                "image",
                row,
                rival,
                [.. our.Select(turn => turn.Result.PerSecond)],
                [.. their.Select(turn => turn.Result.PerSecond)],
                target);
    }

    /// <summary>Makes an image of that size and stores the same bytes for nginx.</summary>
    private static async Task<(Uri Image, string ETag, byte[] Answer)> StoreAsync(
        Server genApi, Server front, string files, int seed, int bytes, CancellationToken cancellationToken)
    {
        var (image, answer) = await MakeAsync(genApi, front, seed, bytes, cancellationToken);
        var (length, tag) = await KeepAsync(genApi, image, Path.Combine(files, Name(bytes)), cancellationToken);
        if (length != bytes)
            throw new BenchException($"The image has {length} bytes, not {bytes}.");
        return (image, tag, answer);
    }

    /// <summary>Makes an image of that size; 0: as the sandbox paints it.</summary>
    private static async Task<(Uri Image, byte[] Answer)> MakeAsync(
        Server genApi, Server front, int seed, int bytes, CancellationToken cancellationToken)
    {
        var sizes = new Uri(string.Create(CultureInfo.InvariantCulture, $"bench/bytes/{bytes}"), UriKind.Relative);
        using (var asked = await front.Http.PutAsync(sizes, null, cancellationToken))
            asked.EnsureSuccessStatusCode();
        var (answer, _) = await genApi.GenerateAsync(Requests.Body(seed, 1024), cancellationToken);
        return (new Uri(Requests.Parse(answer).GetProperty("images")[0].GetProperty("url").GetString()!), answer);
    }

    /// <summary>Stores what GenApi serves in a file.</summary>
    private static async Task<(int Length, string ETag)> KeepAsync(
        Server genApi, Uri image, string file, CancellationToken cancellationToken)
    {
        using var stored = await genApi.Http.GetAsync(image, cancellationToken);
        stored.EnsureSuccessStatusCode();
        var content = await stored.Content.ReadAsByteArrayAsync(cancellationToken);
        await File.WriteAllBytesAsync(file, content, cancellationToken);
        return (content.Length, stored.Headers.ETag?.ToString() ?? throw new BenchException("The image has no ETag."));
    }

    private static Uri VariantOf(Uri image, int width) =>
        new(image, string.Create(CultureInfo.InvariantCulture, $"?width={width}&format=webp"));

    private static string VariantName(int width) => string.Create(CultureInfo.InvariantCulture, $"variant-{width}.webp");

    private static async Task ExpectNotModifiedAsync(Server server, Uri url, string tag, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        using var answer = await server.Http.SendAsync(request, cancellationToken);
        if (answer.StatusCode != System.Net.HttpStatusCode.NotModified)
            throw new BenchException($"{url} answered {(int)answer.StatusCode} in place of 304.");
    }

    private static string Name(int bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes}.png");
}
