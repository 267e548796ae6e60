using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace GenApi.Bench;

/// <summary>The requests that the parts send to GenApi and to the sandbox.</summary>
internal static class Requests
{
    public const string SdxlVersion = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";

    private const string Prompt = "an astronaut riding a horse across the rings of Saturn, oil on canvas, wide angle";

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>The body of a POST /generate.</summary>
    public static string Body(long seed, int pixels, string model = "sdxl", int? steps = null)
    {
        var more = steps is { } given ? string.Create(CultureInfo.InvariantCulture, $",\"steps\":{given}") : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"prompt":"{{Prompt}}","model":"{{model}}","width":{{pixels}},"height":{{pixels}},"seed":{{seed}}{{more}}}""");
    }

    /// <summary>Posts a request and waits for the image.</summary>
    /// <returns>The bytes of the answer and its source (<c>Cache-Status</c>).</returns>
    /// <exception cref="BenchException">The status was not 200.</exception>
    public static async Task<(byte[] Answer, string Outcome)> GenerateAsync(
        this Server genApi, string body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "generate") { Content = Content(body) };
        request.Headers.TryAddWithoutValidation("Prefer", "wait=300");
        using var answer = await genApi.Http.SendAsync(request, cancellationToken);
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (answer.StatusCode != HttpStatusCode.OK)
            throw new BenchException($"POST /generate answered {(int)answer.StatusCode}: {Encoding.UTF8.GetString(bytes)}");
        return (bytes, answer.Headers.TryGetValues("Cache-Status", out var outcome) ? outcome.First() : "");
    }

    /// <summary>Posts a request and does not wait.</summary>
    /// <returns>The generation's id.</returns>
    /// <exception cref="BenchException">The status was not 202.</exception>
    public static async Task<string> AcceptAsync(this Server genApi, string body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "generate") { Content = Content(body) };
        request.Headers.TryAddWithoutValidation("Prefer", "respond-async");
        using var answer = await genApi.Http.SendAsync(request, cancellationToken);
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        return answer.StatusCode == HttpStatusCode.Accepted
            ? Parse(bytes).GetProperty("id").GetString()!
            : throw new BenchException($"POST /generate answered {(int)answer.StatusCode}: {Encoding.UTF8.GetString(bytes)}");
    }

    /// <summary>Sends the same to the sandbox itself: creates, polls without a pause until the end, fetches the file.</summary>
    public static async Task PredictAsync(this Server sandbox, long seed, int pixels, CancellationToken cancellationToken)
    {
        var body = string.Create(
            CultureInfo.InvariantCulture,
            $$$"""{"version":"{{{SdxlVersion}}}","input":{"prompt":"{{{Prompt}}}","""
                + $$$""" "width":{{{pixels}}},"height":{{{pixels}}},"seed":{{{seed}}}}}""");
        var prediction = await SendAsync(sandbox, HttpMethod.Post, "v1/predictions", Content(body), cancellationToken);
        while (prediction.GetProperty("status").GetString() is "starting" or "processing")
            prediction = await SendAsync(
                sandbox, HttpMethod.Get, $"v1/predictions/{prediction.GetProperty("id").GetString()}", null, cancellationToken);
        if (prediction.GetProperty("status").GetString() != "succeeded")
            throw new BenchException($"The sandbox's prediction ended otherwise: {prediction}");
        await sandbox.Http.GetByteArrayAsync(new Uri(prediction.GetProperty("output")[0].GetString()!), cancellationToken);
    }

    public static Task<JsonElement> PredictionAsync(this Server sandbox, string id, CancellationToken cancellationToken) =>
        SendAsync(sandbox, HttpMethod.Get, $"v1/predictions/{id}", null, cancellationToken);

    public static Task<JsonElement> StatsAsync(this Server sandbox, CancellationToken cancellationToken) =>
        SendAsync(sandbox, HttpMethod.Get, "sandbox/stats", null, cancellationToken);

    public static async Task ResetAsync(this Server sandbox, CancellationToken cancellationToken)
    {
        using var answer = await sandbox.Http.PostAsync(new Uri("sandbox/reset", UriKind.Relative), null, cancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public static JsonElement Parse(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    /// <summary>Repeats <paramref name="once"/> at the given concurrency for the given time.</summary>
    /// <returns>The rate per second, and the time of each repetition.</returns>
    public static async Task<Load> RepeatAsync(
        int callers, TimeSpan duration, Func<CancellationToken, Task> once, CancellationToken cancellationToken)
    {
        var since = Stopwatch.GetTimestamp();
        var took = await Task.WhenAll(Enumerable.Range(0, callers).Select(async _ =>
        {
            await Task.Yield();
            var times = new List<double>();
            while (Stopwatch.GetElapsedTime(since) < duration)
            {
                var began = Stopwatch.GetTimestamp();
                await once(cancellationToken);
                times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
            return times;
        }));
        var all = took.SelectMany(each => each).ToArray();
        return new Load(all.Length / Stopwatch.GetElapsedTime(since).TotalSeconds, all);
    }

    private static StringContent Content(string body) => new(body, Json);

    private static async Task<JsonElement> SendAsync(
        Server sandbox, HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Lab.Token);
        using var answer = await sandbox.Http.SendAsync(request, cancellationToken);
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
        if (!answer.IsSuccessStatusCode)
            throw new BenchException($"The sandbox answered {(int)answer.StatusCode}: {Encoding.UTF8.GetString(bytes)}");
        return Parse(bytes);
    }
}

/// <summary>The result of a number of callers.</summary>
/// <param name="PerSecond">Repetitions a second, all callers together.</param>
/// <param name="Milliseconds">The time of each repetition.</param>
internal sealed record Load(double PerSecond, IReadOnlyList<double> Milliseconds)
{
    public double P50 => Milliseconds.Percentile(0.5);

    public double P95 => Milliseconds.Percentile(0.95);
}
