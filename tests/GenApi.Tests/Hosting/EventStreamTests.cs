using System.Text.Json;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Hosting;

public sealed class EventStreamTests
{
    private static object Fox => new { prompt = "a red fox in snow", model = "sdxl", width = 64, height = 64, seed = 1 };

    [Fact]
    public async Task A_listener_sees_the_snapshot_then_every_step_and_done_at_the_end()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var accepted = await app.GenerateAsync(Fox, ("Prefer", "respond-async"));
        await using var events = await Listener.OpenAsync(app, accepted.Id);

        var first = await events.NextAsync();
        held.Release();
        var all = await events.RestAsync();

        Assert.Equal("status", first!.Name);
        Assert.Equal(accepted.Id, first.Json.GetProperty("id").GetString());
        Assert.Equal("1000", events.Retry);
        Assert.Equal("done", all[^1].Name);
        Assert.Equal("succeeded", all[^1].Json.GetProperty("status").GetString());
        Assert.Single(all, each => each.Name == "done");
        var ids = all.Where(each => each.Id is not null)
            .Select(each => long.Parse(each.Id!, System.Globalization.CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(ids.Order(), ids);
        Assert.NotEmpty(ids);
        // The joined pieces of the log are the whole log.
        var log = string.Concat(all.Prepend(first).Where(each => each.Name == "logs")
            .Select(each => each.Json.GetProperty("text").GetString()));
        Assert.Equal((await app.GetAsync($"/generations/{accepted.Id}/logs")).Text, log);
    }

    [Fact]
    public async Task A_listener_that_comes_back_is_told_nothing_twice()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var accepted = await app.GenerateAsync(Fox, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        string? last;
        await using (var events = await Listener.OpenAsync(app, accepted.Id))
        {
            var seen = await events.UntilAsync(each => each.Name == "status"
                && each.Json.GetProperty("status").GetString() == "processing");
            last = events.LastId ?? seen.Id;
        }

        await using var again = await Listener.OpenAsync(app, accepted.Id, last);
        held.Release();
        var all = await again.RestAsync();

        Assert.DoesNotContain(all, each => each.Name == "status" && each.Json.GetProperty("status").GetString() is "queued" or "starting");
        Assert.Equal("done", all[^1].Name);

        var over = await app.GetAsync($"/generations/{accepted.Id}/events", ("Last-Event-ID", all[^1].Id!));
        Assert.Equal((204, 0), (over.Status, over.Body.Length));
    }

    [Fact]
    public async Task A_finished_generation_is_told_at_once_and_the_stream_ends()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Fox);

        var answer = await app.GetAsync($"/generations/{made.Id}/events");

        Assert.Equal("text/event-stream", answer.Header("Content-Type"));
        Assert.Equal("no-store", answer.Header("Cache-Control"));
        Assert.Contains("event: status\n", answer.Text, StringComparison.Ordinal);
        Assert.Contains("event: done\n", answer.Text, StringComparison.Ordinal);
        Assert.EndsWith("\n\n", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_and_streams_end_when_the_service_stops()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var waiting = app.GenerateAsync(Fox);
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        var id = (await app.GetAsync("/generations"))["data"][0].GetProperty("id").GetString()!;
        await using var events = await Listener.OpenAsync(app, id);
        await events.NextAsync();

        var stopping = app.StopAsync();
        var answer = await waiting;
        var rest = await events.RestAsync();
        await stopping;

        Assert.Equal(202, answer.Status);
        Assert.DoesNotContain(rest, each => each.Name == "done");
    }

    private sealed record Event(string Name, string? Id, string Data)
    {
        public JsonElement Json => JsonElement.Parse(Data);
    }

    private sealed class Listener : IAsyncDisposable
    {
        private readonly HttpResponseMessage _response;
        private readonly StreamReader _reader;

        private Listener(HttpResponseMessage response, Stream body) => (_response, _reader) = (response, new StreamReader(body));

        public string? Retry { get; private set; }

        public string? LastId { get; private set; }

        public static async Task<Listener> OpenAsync(GenApiApp app, string id, string? lastId = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/generations/{id}/events");
            if (lastId is not null)
                request.Headers.Add("Last-Event-ID", lastId);
            var response = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead,
                TestContext.Current.CancellationToken);
            response.EnsureSuccessStatusCode();
            return new Listener(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        }

        /// <summary>The next event; null at the end.</summary>
        public async Task<Event?> NextAsync()
        {
            var (name, id, data) = ("message", (string?)null, (string?)null);
            while (await _reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            {
                var (field, value) = line.Split(": ", 2) is [var left, var right] ? (left, right) : (line, "");
                switch (field)
                {
                    case "" when data is not null:
                        LastId = id ?? LastId;
                        return new Event(name, id, data);
                    case "event":
                        name = value;
                        break;
                    case "id":
                        id = value;
                        break;
                    case "data":
                        data = value;
                        break;
                    case "retry":
                        Retry = value;
                        break;
                }
            }
            return null;
        }

        public async Task<Event> UntilAsync(Func<Event, bool> condition)
        {
            while (await NextAsync() is { } each)
            {
                if (condition(each))
                    return each;
            }
            throw new InvalidOperationException("The stream ended before.");
        }

        public async Task<List<Event>> RestAsync()
        {
            var all = new List<Event>();
            while (await NextAsync() is { } each)
                all.Add(each);
            return all;
        }

        public ValueTask DisposeAsync()
        {
            _reader.Dispose();
            _response.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
