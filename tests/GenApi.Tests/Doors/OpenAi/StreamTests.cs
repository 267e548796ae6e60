using System.Net.Http.Json;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Doors.Mcp;

namespace GenApi.Tests.Doors.OpenAi;

/// <summary>Tests answers as OpenAI's events.</summary>
public sealed class StreamTests
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_preview_comes_before_the_image()
    {
        await using var app = await GenApiApp.StartAsync();

        var (events, answer) = await EventsAsync(
            app, new { model = "gpt-image-1", prompt = "a fox", stream = true, size = "512x512", partial_images = 2, quality = "low" });

        Assert.Equal("text/event-stream", answer.Header("Content-Type"));
        Assert.Equal("quality", answer.Header("Genapi-Ignored"));
        Assert.Equal(["image_generation.partial_image", "image_generation.completed"], events.Select(each => each.Name));
        Assert.All(events, each => Assert.Equal(each.Name, each.Data.GetProperty("type").GetString()));
        var (preview, whole) = (events[0].Data, events[1].Data);
        Assert.Equal(0, preview.GetProperty("partial_image_index").GetInt32());
        Assert.False(preview.TryGetProperty("usage", out _));
        Assert.Equal(ImagesDoor.Png, preview.GetProperty("b64_json").GetBytesFromBase64()[..4]);
        Assert.Equal(0, whole.GetProperty("usage").GetProperty("total_tokens").GetInt32());
        Assert.Equal("png", whole.GetProperty("output_format").GetString());
        var details = await app.GetAsync($"/generations/{answer.Generations()[0]}");
        var stored = await app.GetAsync(details.ImageUrl().PathAndQuery);
        Assert.Equal(stored.Body, whole.GetProperty("b64_json").GetBytesFromBase64());
        Assert.True(preview.GetProperty("b64_json").GetString()!.Length < stored.Body.Length);
    }

    [Fact]
    public async Task Each_image_is_an_event_and_addresses_are_possible()
    {
        await using var app = await GenApiApp.StartAsync();

        var (events, _) = await EventsAsync(
            app, new { model = "sdxl", prompt = "a fox", stream = true, n = 3, size = "64x64", response_format = "url" });

        Assert.Equal(3, events.Count);
        Assert.All(events, each => Assert.StartsWith(
            app.Address.ToString(), each.Data.GetProperty("url").GetString(), StringComparison.Ordinal));
        Assert.All(events, each => Assert.False(each.Data.TryGetProperty("b64_json", out _)));
    }

    [Fact]
    public async Task A_failed_run_ends_the_stream_with_an_error()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunRefused);

        var (events, _) = await EventsAsync(app, new { model = "sdxl", prompt = "a fox", stream = true, size = "64x64" });

        var (name, data) = Assert.Single(events);
        Assert.Equal("error", name);
        Assert.Equal("content_refused", data.GetProperty("error").GetProperty("code").GetString());
    }

    [Fact]
    public async Task A_refusal_comes_before_the_stream()
    {
        await using var app = await GenApiApp.StartAsync();

        var refused = await app.PostAsync(ImagesDoor.Path, new { model = "sdxl", prompt = "a fox", stream = true, cfg = 99 });

        refused.AssertError(400, "invalid_request_error", "invalid_input", "cfg");
    }

    [Fact]
    public async Task While_nothing_happens_only_comments_are_sent()
    {
        await using var app = await GenApiApp.StartAsync(time: new HurriedClock(30));
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        using var request = new HttpRequestMessage(HttpMethod.Post, ImagesDoor.Path)
        {
            Content = JsonContent.Create(new { model = "sdxl", prompt = "a fox", stream = true, size = "64x64" }),
        };
        // The headers are there long before the image.
        using var response = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ended);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Ended));

        Assert.Equal(": accepted", await reader.ReadLineAsync(Ended));
        Assert.Equal(": keep-alive", await NextLineAsync(reader));
        held.Release();
        Assert.Contains("event: image_generation.completed", await reader.ReadToEndAsync(Ended), StringComparison.Ordinal);
    }

    private static async Task<string?> NextLineAsync(StreamReader reader)
    {
        string? line;
        do
            line = await reader.ReadLineAsync(Ended);
        while (line is "");
        return line;
    }

    private static async Task<(List<(string Name, JsonElement Data)> Events, Answer Answer)> EventsAsync(GenApiApp app, object body)
    {
        var answer = await app.ImagesAsync(body);
        var events = new List<(string, JsonElement)>();
        foreach (var block in answer.Text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            if (block.StartsWith(':'))
                continue;
            var lines = block.Split('\n');
            Assert.Equal(2, lines.Length);
            events.Add((lines[0]["event: ".Length..], JsonElement.Parse(lines[1]["data: ".Length..])));
        }
        return (events, answer);
    }
}
