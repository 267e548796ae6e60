using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GenApi.Bench.Rivals;

namespace GenApi.Bench.Parts;

/// <summary>Compares the doors with POST /generate, and a large base64 answer with Portkey's gateway.</summary>
internal static class DoorsPart
{
    private const int Pixels = 64, ImageBytes = 1_000_000, Connections = 8, WarmUps = 30, RunsOfARound = 10;
    private const double MostAdded = 5, LeastRatio = 30, MostGrowth = 40, Megabyte = 1 << 20;
    private const string Prompt = "an astronaut riding a horse across the rings of Saturn, oil on canvas, wide angle";

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private static readonly Door[] Doors =
    [
        new("generate", "generate", seed => new { prompt = Prompt, model = "sdxl", width = Pixels, height = Pixels, seed }),
        new("replicate", "replicate/v1/predictions", seed => new
        {
            version = Requests.SdxlVersion,
            input = new { prompt = Prompt, width = Pixels, height = Pixels, seed },
        }),
        new("openai, url", "v1/images/generations", seed => Image("url", seed)),
        new("openai, b64_json", "v1/images/generations", seed => Image("b64_json", seed)),
        new("automatic1111", "sdapi/v1/txt2img", seed => new
        {
            prompt = Prompt,
            width = Pixels,
            height = Pixels,
            seed,
            override_settings = new { sd_model_checkpoint = "sdxl" },
        }),
        new("mcp", "mcp", seed => new
        {
            jsonrpc = "2.0",
            id = 1,
            method = "tools/call",
            @params = new
            {
                name = "generate_image",
                arguments = new { prompt = Prompt, model = "sdxl", width = Pixels, height = Pixels, seed },
            },
        }),
    ];

    public static async Task RunAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        await AddedAsync(lab, table, cancellationToken);
        await LargeAsync(lab, table, cancellationToken);
    }

    private static object Image(string form, long seed) => new
    {
        model = "sdxl",
        prompt = Prompt,
        size = string.Create(CultureInfo.InvariantCulture, $"{Pixels}x{Pixels}"),
        response_format = form,
        seed,
    };

    /// <summary>Each round sends a few new requests to every door, and begins with another one.</summary>
    private static async Task AddedAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var (genApi, _) = await lab.StartGenApiAsync(sandbox.BaseUrl, "added", null, cancellationToken);
        long seed = 0;
        foreach (var door in Doors)
        {
            for (var run = 0; run < WarmUps; run++)
                await SendAsync(genApi, door, ++seed, cancellationToken);
        }
        var times = Doors.ToDictionary(door => door.Name, _ => new List<double>());
        for (var round = 0; round < lab.Settings.LookRuns; round++)
        {
            for (var at = 0; at < Doors.Length; at++)
            {
                var door = Doors[(round + at) % Doors.Length];
                for (var run = 0; run < RunsOfARound; run++)
                    times[door.Name].Add(await SendAsync(genApi, door, ++seed, cancellationToken));
            }
        }
        var generate = times[Doors[0].Name].Median();
        foreach (var door in Doors.Skip(1))
        {
            var added = 100 * (times[door.Name].Median() / generate - 1);
            table.Single(
                "doors",
                $"{door.Name}: added to a new image at /generate",
                $"{added:0.0} %",
                Target.AtMost(MostAdded, added, " %"),
                $"p50 {times[door.Name].Median():0.00} ms, /generate {generate:0.00} ms");
        }
        await lab.StopAsync(genApi);
        await lab.StopAsync(sandbox);
    }

    /// <returns>The time in milliseconds.</returns>
    private static async Task<double> SendAsync(Server genApi, Door door, long seed, CancellationToken cancellationToken)
    {
        using var content = Json(JsonSerializer.Serialize(door.Body(seed)));
        using var request = new HttpRequestMessage(HttpMethod.Post, door.Path) { Content = content };
        request.Headers.TryAddWithoutValidation("Prefer", "wait=60");
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        var began = Stopwatch.GetTimestamp();
        using var answer = await genApi.Http.SendAsync(request, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        var took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (!answer.IsSuccessStatusCode || text.Contains("\"isError\":true", StringComparison.Ordinal))
            throw new BenchException($"POST /{door.Path} answered {(int)answer.StatusCode}: {text}");
        return took;
    }

    private static async Task LargeAsync(Lab lab, Table table, CancellationToken cancellationToken)
    {
        var sandbox = await lab.StartSandboxAsync(0, cancellationToken);
        var front = await lab.StartFrontAsync(sandbox, cancellationToken);
        var size = new Uri(string.Create(CultureInfo.InvariantCulture, $"bench/bytes/{ImageBytes}"), UriKind.Relative);
        using (var asked = await front.Http.PutAsync(size, null, cancellationToken))
            asked.EnsureSuccessStatusCode();
        var (genApi, _) = await lab.StartGenApiAsync(front.BaseUrl, "large", null, cancellationToken);
        var body = JsonSerializer.Serialize(Image("b64_json", 42));
        var answerFile = Path.Combine(lab.Folder, "answer.json");
        await File.WriteAllBytesAsync(answerFile, await HitAsync(genApi, body, cancellationToken), cancellationToken);
        var (portkey, upstream) = await lab.StartPortkeyAsync(answerFile, cancellationToken);

        await Task.Delay(Settling, TimeProvider.System, cancellationToken);
        var idle = genApi.Child.ResidentBytes;
        genApi.Child.ResetPeak();
        var headers = Portkey.Headers(upstream.BaseUrl);
        var (ours, theirs) = await new Duel(lab, "doors").RunAsync(
            new("GenApi", genApi, new(new Uri(genApi.BaseUrl, "v1/images/generations"), Connections, "POST", body)),
            new("Portkey", portkey, new(new Uri(portkey.BaseUrl, "v1/images/generations"), Connections, "POST", body, Headers: headers)),
            cancellationToken);
        var growth = (genApi.Child.PeakResidentBytes - idle) / Megabyte;
        table.Versus(
            "doors",
            $"hit of b64_json, {new FileInfo(answerFile).Length:N0} B, {Connections} at once",
            "Portkey",
            [.. ours.Select(turn => turn.Result.PerSecond)],
            [.. theirs.Select(turn => turn.Result.PerSecond)],
            LeastRatio);
        table.Single(
            "doors", "memory growth meanwhile", $"{growth:0} MB", Target.AtMost(MostGrowth, growth, " MB"),
            $"{idle / Megabyte:0} MB before; VmHWM");
    }

    /// <returns>The answer to the second request, which is a hit.</returns>
    private static async Task<byte[]> HitAsync(Server genApi, string body, CancellationToken cancellationToken)
    {
        for (var time = 1; ; time++)
        {
            using var content = Json(body);
            using var answer = await genApi.Http.PostAsync(new Uri("v1/images/generations", UriKind.Relative), content, cancellationToken);
            var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            var outcome = answer.Headers.TryGetValues("Cache-Status", out var given) ? given.First() : "";
            if (answer.StatusCode != HttpStatusCode.OK)
                throw new BenchException($"The door answered {(int)answer.StatusCode}: {Encoding.UTF8.GetString(bytes)}");
            if (outcome.Contains("hit", StringComparison.Ordinal))
                return bytes;
            if (time > 1)
                throw new BenchException($"The second request was no hit but '{outcome}'.");
        }
    }

    private static StringContent Json(string body) => new(body, new MediaTypeHeaderValue("application/json"));

    /// <param name="Body">The body for a seed.</param>
    private sealed record Door(string Name, string Path, Func<long, object> Body);
}
