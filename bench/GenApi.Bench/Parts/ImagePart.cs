using System.Globalization;
using GenApi.Bench.Rivals;

namespace GenApi.Bench.Parts;

/// <summary>Compares GET /images/{id} with nginx and the same file, and its 304 with a bare Kestrel.</summary>
internal static class ImagePart
{
    private const int Small = 60 * 1024;
    private const int Large = 1 << 20;

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var front = await lab.StartFrontAsync(sandbox, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(front.BaseUrl, "data", null, cancellationToken);
        var files = Directory.CreateDirectory(Path.Combine(lab.Folder, "files")).FullName;
        var (small, smallTag, answer) = await StoreAsync(genApi, front, files, 1, Small, cancellationToken);
        var (large, _, _) = await StoreAsync(genApi, front, files, 2, Large, cancellationToken);
        await lab.StopAsync(front);
        await lab.StopAsync(sandbox);
        var nginx = await lab.StartNginxAsync(files, Name(Small), cancellationToken);

        await AgainstNginxAsync("image 60 kB", small, Small, lab.Settings.Connections, 0.6);
        await AgainstNginxAsync("image 1 MB", large, Large, Math.Max(1, lab.Settings.Connections / 4), 0.8);

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

        async Task AgainstNginxAsync(string row, Uri image, int bytes, int connections, double target)
        {
            var (our, their) = await new Duel(lab, row).RunAsync(
                new("GenApi", genApi, new(image, connections)),
                new("nginx", nginx, new(new Uri(nginx.BaseUrl, Name(bytes)), connections)),
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
        var sizes = new Uri(string.Create(CultureInfo.InvariantCulture, $"bench/bytes/{bytes}"), UriKind.Relative);
        using (var asked = await front.Http.PutAsync(sizes, null, cancellationToken))
            asked.EnsureSuccessStatusCode();
        var (answer, _) = await genApi.GenerateAsync(Requests.Body(seed, 1024), cancellationToken);
        var image = new Uri(Requests.Parse(answer).GetProperty("images")[0].GetProperty("url").GetString()!);
        using var stored = await genApi.Http.GetAsync(image, cancellationToken);
        stored.EnsureSuccessStatusCode();
        var content = await stored.Content.ReadAsByteArrayAsync(cancellationToken);
        if (content.Length != bytes)
            throw new BenchException($"The image has {content.Length} bytes, not {bytes}.");
        await File.WriteAllBytesAsync(Path.Combine(files, Name(bytes)), content, cancellationToken);
        return (image, stored.Headers.ETag?.ToString() ?? throw new BenchException("The image has no ETag."), answer);
    }

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
