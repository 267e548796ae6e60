using System.Text.Json;

namespace GenApi.Tests.Generations;

/// <summary>Reads GET /events.</summary>
internal sealed class FeedReading : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private FeedReading(HttpResponseMessage response, Stream body) => (_response, _reader) = (response, new StreamReader(body));

    /// <summary>The last id that was received.</summary>
    public string? LastId { get; private set; }

    /// <summary>The comments that were received.</summary>
    public int Comments { get; private set; }

    /// <summary>Opens a stream.</summary>
    /// <param name="app">The service.</param>
    /// <param name="lastId">The last id of an earlier stream; null: none.</param>
    /// <param name="key">The key; null: none is needed.</param>
    public static async Task<FeedReading> OpenAsync(GenApiApp app, string? lastId = null, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/events");
        if (lastId is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", lastId);
        if (key is not null)
            request.Headers.Authorization = new("Bearer", key);
        var response = await app.Client.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.ToString());
        return new(response, await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Opens a stream and reads what it begins with; without Ready.</summary>
    public static async Task<(FeedReading Feed, List<FeedItem> Beginning)> BeginAsync(
        GenApiApp app, string? lastId = null, string? key = null)
    {
        var feed = await OpenAsync(app, lastId, key);
        var beginning = await feed.UntilAsync("ready");
        return (feed, beginning[..^1]);
    }

    /// <summary>Returns the next event; null at the end of the stream.</summary>
    public async Task<FeedItem?> NextAsync()
    {
        var (name, data, id) = ("", (string?)null, (string?)null);
        while (await _reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            var (field, value) = line.Split(": ", 2) is [var left, var right] ? (left, right) : (line, "");
            switch (field)
            {
                case "":
                    LastId = id ?? LastId;
                    if (data is not null)
                        return new(name, JsonElement.Parse(data), id);
                    (name, id) = ("", null);
                    break;
                case ":":
                    Comments++;
                    return new(":", default, null);
                case "event":
                    name = value;
                    break;
                case "data":
                    data = value;
                    break;
                case "id":
                    id = value;
                    break;
            }
        }
        return null;
    }

    /// <summary>Reads up to an event that fulfils a condition, which is the last of the result.</summary>
    public async Task<List<FeedItem>> UntilAsync(Func<FeedItem, bool> isLast)
    {
        var all = new List<FeedItem>();
        while (await NextAsync() is { } item)
        {
            if (item.Name != ":")
                all.Add(item);
            if (isLast(item))
                return all;
        }
        throw new InvalidOperationException($"The stream ended after {string.Join(", ", all)}.");
    }

    public Task<List<FeedItem>> UntilAsync(string name) => UntilAsync(item => item.Name == name);

    /// <summary>Reads up to the event about a generation that has ended.</summary>
    public Task<List<FeedItem>> UntilEndOfAsync(string id) =>
        UntilAsync(item => item.Name == "generation" && item.Id == id && item.Status is "succeeded" or "failed" or "canceled");

    /// <summary>Reads to the end of the stream.</summary>
    public async Task<List<FeedItem>> RestAsync()
    {
        var all = new List<FeedItem>();
        while (await NextAsync() is { } item)
            all.Add(item);
        return all;
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>One event.</summary>
internal sealed record FeedItem(string Name, JsonElement Data, string? EventId)
{
    /// <summary>The generation of a generation event, or its id elsewhere.</summary>
    public string? Id => Member("id");

    public string? Status => Member("status");

    public string? Image => Member("image");

    public string? Member(string name) =>
        Data.ValueKind == JsonValueKind.Object && Data.TryGetProperty(name, out var value) ? value.GetString() : null;

    public override string ToString() => $"{Name} {Id ?? Image} {Status}";
}
