namespace GenApi.Bench.Parts;

/// <summary>Compares how two builds serve what they have, each with the same rival in the same rounds.</summary>
internal static class CompareServing
{
    private const int ImageBytes = 60 * 1024;

    /// <summary>Compares hits with a bare Kestrel.</summary>
    public static async Task HitAsync(Lab lab, Table table, Pair<string> builds, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var body = Requests.Body(seed: 42, pixels: 64);
        byte[] answer = [];
        var servers = await builds.SelectAsync(async (build, name) =>
        {
            var (server, _) = await ComparePart.StartAsync(lab, build, sandbox.BaseUrl, name, cancellationToken);
            await server.GenerateAsync(body, cancellationToken);
            (answer, var outcome) = await server.GenerateAsync(body, cancellationToken);
            return outcome == "GenApi; hit" ? server : throw new BenchException($"The second request was no hit but '{outcome}'.");
        });
        var answerFile = Path.Combine(lab.Folder, "answer.json");
        await File.WriteAllBytesAsync(answerFile, answer, cancellationToken);
        var kestrel = await lab.StartRivalAsync(answerFile, cancellationToken);
        WrkRequest To(Server server) => new(new Uri(server.BaseUrl, "generate"), lab.Settings.Connections, "POST", body);
        await DuelsAsync(lab, table, servers, To, "Kestrel", kestrel, To(kestrel), "hit / bare Kestrel", 0.88, cancellationToken);
    }

    /// <summary>Compares images of 60 kB with nginx.</summary>
    public static async Task ImageAsync(Lab lab, Table table, Pair<string> builds, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var front = await lab.StartFrontAsync(sandbox, cancellationToken);
        using (var asked = await front.Http.PutAsync(new Uri($"bench/bytes/{ImageBytes}", UriKind.Relative), null, cancellationToken))
            asked.EnsureSuccessStatusCode();
        var files = Directory.CreateDirectory(Path.Combine(lab.Folder, "files")).FullName;
        var images = new Dictionary<Server, Uri>();
        var servers = await builds.SelectAsync(async (build, name) =>
        {
            var (server, _) = await ComparePart.StartAsync(lab, build, front.BaseUrl, name, cancellationToken);
            var (answer, _) = await server.GenerateAsync(Requests.Body(7, 1024), cancellationToken);
            images[server] = new Uri(Requests.Parse(answer).GetProperty("images")[0].GetProperty("url").GetString()!);
            var bytes = await server.Http.GetByteArrayAsync(images[server], cancellationToken);
            await File.WriteAllBytesAsync(Path.Combine(files, "image.png"), bytes, cancellationToken);
            return server;
        });
        await lab.StopAsync(front);
        await lab.StopAsync(sandbox);
        var nginx = await lab.StartNginxAsync(files, "image.png", cancellationToken);
        await DuelsAsync(
            lab, table, servers, server => new(images[server], lab.Settings.Connections), "nginx", nginx,
            new(new Uri(nginx.BaseUrl, "image.png"), lab.Settings.Connections), "image of 60 kB / nginx", 0.95, cancellationToken);
    }

    private static async Task DuelsAsync(
        Lab lab, Table table, Pair<Server> servers, Func<Server, WrkRequest> to, string rival, Server other, WrkRequest request, string row,
        double target, CancellationToken cancellationToken)
    {
        foreach (var (name, server) in new[] { ("old", servers.Old), ("new", servers.New) })
        {
            var (ours, theirs) = await new Duel(lab, $"{row}, {name}").RunAsync(
                new(name, server, to(server)), new(rival, other, request), cancellationToken);
            table.Versus(
                "compare", $"{row}, {name}", rival, [.. ours.Select(turn => turn.Result.PerSecond)],
                [.. theirs.Select(turn => turn.Result.PerSecond)], target);
        }
    }
}
