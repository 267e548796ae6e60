using System.Diagnostics;
using System.Text;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Generations;
using GenApi.Tests.Images;

namespace GenApi.Tests.Hosting;

public sealed class ShutdownTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>The pause between two polls, so that polling leaves the processor to the service.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SIGTERM_under_load_ends_in_time_answers_everybody_and_loses_nothing()
    {
        await using var app = await GenApiApp.StartProcessAsync(
            new() { ["Replicate:MaxInFlight"] = "3", ["Generations:SettleSeconds"] = "0.5" });
        // A separate client, because the app's client ends with the process.
        using var http = new HttpClient { BaseAddress = app.Address };
        var made = await app.GenerateAsync(Requests.Small(1));
        var running = app.Sandbox.Faults.Add(new Fault(FaultKind.RunHeldProcessing) { Times = 2 });
        var waiting = new List<Task<HttpResponseMessage>> { WaitAsync(http, 2), WaitAsync(http, 3) };
        // Both creations have been answered, so the next fault applies to the next creation.
        while ((await app.GetAsync("/generations?status=processing"))["data"].GetArrayLength() < 2)
            await Task.Delay(Pause, TimeProvider.System, Ended);
        var onItsWay = app.Sandbox.Faults.Add(FaultKind.CreateSlowAfter);
        waiting.Add(WaitAsync(http, 4));
        await onItsWay.Reached.WaitAsync(Ended);
        // There is no slot left for these.
        waiting.AddRange([WaitAsync(http, 5), WaitAsync(http, 6)]);
        var ids = await IdsAsync(app, 6);
        var events = await Task.WhenAll(
            ids.Select(id => http.GetStreamAsync(new Uri($"/generations/{id}/events", UriKind.Relative), Ended)));
        using var upload = await BeginUploadAsync(app);
        using var download = await RawConnection.OpenAsync(app.Address, Ended);
        await download.SendAsync(Encoding.ASCII.GetBytes($"GET {made.ImageUrl().AbsolutePath} HTTP/1.1\r\nHost: localhost\r\n\r\n"), Ended);

        var since = Stopwatch.GetTimestamp();
        // Fails if the exit code is not 0.
        var stopping = app.StopAsync();
        var answers = await Task.WhenAll(waiting);
        var told = await Task.WhenAll(events.Select(stream => new StreamReader(stream).ReadToEndAsync(Ended)));
        await upload.SendAsync(Picture.AsMemory(Picture.Length / 2), Ended);
        var uploaded = (await upload.ReadAsync(hasBody: true, leavesStreams: false, Ended))!;
        var downloaded = (await download.ReadAsync(hasBody: true, leavesStreams: false, Ended))!;
        await stopping;

        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, Longest);
        Assert.All(answers,
            answer => Assert.True(answer is { StatusCode: System.Net.HttpStatusCode.Accepted, Headers.Location: not null }));
        Assert.Equal(1, told.Count(text => text.Contains("event: done", StringComparison.Ordinal)));
        Assert.Equal(201, uploaded.Status);
        Assert.Equal(made["images"][0].GetProperty("bytes").GetInt32(), downloaded.Body.Length);

        running.Release();
        onItsWay.Release();
        await app.StartAgainAsync();
        foreach (var id in ids)
            await Requests.AssertWholeAsync(app, await Requests.EndedAsync(app, id));
        Assert.Equal(ids.Count, app.Sandbox.Stats.Creations);
        Assert.Equal(200, (await app.GetAsync($"/uploads/{uploaded.Id}")).Status);
    }

    private static byte[] Picture { get; } = Pictures.Png(64, 64);

    private static Task<HttpResponseMessage> WaitAsync(HttpClient http, int seed) => http.PostAsync(
        new Uri("/generate", UriKind.Relative),
        new StringContent(JsonSerializer.Serialize(Requests.Small(seed)), Encoding.UTF8, "application/json"), Ended);

    /// <summary>Sends half of an image; the service waits for the rest.</summary>
    private static async Task<RawConnection> BeginUploadAsync(GenApiApp app)
    {
        var connection = await RawConnection.OpenAsync(app.Address, Ended);
        var head = $"POST /uploads HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Length: {Picture.Length}\r\n\r\n";
        await connection.SendAsync(Encoding.ASCII.GetBytes(head), Ended);
        await connection.SendAsync(Picture.AsMemory(0, Picture.Length / 2), Ended);
        return connection;
    }

    /// <summary>Returns the ids of all generations once there are enough of them.</summary>
    private static async Task<IReadOnlyList<string>> IdsAsync(GenApiApp app, int count)
    {
        while (true)
        {
            var ids = (await app.GetAsync("/generations"))["data"].EnumerateArray().Select(each => each.GetProperty("id").GetString()!)
                .ToList();
            if (ids.Count == count)
                return ids;
            await Task.Delay(Pause, TimeProvider.System, Ended);
        }
    }
}
