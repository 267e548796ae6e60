using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Sandbox;
using GenApi.Sandbox.Control;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Sandbox;

/// <summary>A sandbox and its client: at speed 0 by the real clock, or at speed 1 by a clock that stands still until it is moved.</summary>
internal sealed class SandboxDriver : IAsyncDisposable
{
    public const string SdxlVersion = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";

    private SandboxDriver(SandboxServer server, FakeTimeProvider? time)
    {
        Server = server;
        Clock = time;
        Http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.BaseUrl };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "r8_test");
    }

    public SandboxServer Server { get; }
    public HttpClient Http { get; }

    private FakeTimeProvider? Clock { get; }

    public FakeTimeProvider Time => Clock ?? throw new InvalidOperationException("This sandbox runs by the real clock.");

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<SandboxDriver> AtFullSpeedAsync(Action<SandboxOptions>? set = null)
    {
        var options = new SandboxOptions { Speed = 0 };
        set?.Invoke(options);
        return new SandboxDriver(await SandboxServer.StartAsync(options, ct: Ct), null);
    }

    public static async Task<SandboxDriver> ByFakeClockAsync(Action<SandboxOptions>? set = null)
    {
        var options = new SandboxOptions();
        set?.Invoke(options);
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        return new SandboxDriver(await SandboxServer.StartAsync(options, time, Ct), time);
    }

    public static JsonObject SmallPicture(string prompt = "a quiet lake", long seed = 42) =>
        new() { ["prompt"] = prompt, ["seed"] = seed, ["width"] = 64, ["height"] = 64 };

    /// <summary>Posts a creation for SDXL, or for the given official model, and returns the answer.</summary>
    public async Task<HttpResponseMessage> PostAsync(
        JsonObject input, string? model = null, string? prefer = null, string? cancelAfter = null, JsonObject? more = null)
    {
        var body = new JsonObject { ["input"] = input };
        foreach (var (name, value) in more ?? [])
            body[name] = value?.DeepClone();
        if (model is null)
            body["version"] = SdxlVersion;
        using var request =
            new HttpRequestMessage(
                HttpMethod.Post,
                model is null ? "v1/predictions" : $"v1/models/{model}/predictions")
            { Content = JsonContent.Create(body) };
        if (prefer is not null)
            request.Headers.Add("Prefer", prefer);
        if (cancelAfter is not null)
            request.Headers.Add("Cancel-After", cancelAfter);
        return await Http.SendAsync(request, Ct);
    }

    /// <summary>Creates a prediction and returns it.</summary>
    public async Task<JsonElement> CreateAsync(
        JsonObject? input = null, string? model = null, string? prefer = null, string? cancelAfter = null, JsonObject? more = null)
    {
        using var response = await PostAsync(input ?? SmallPicture(), model, prefer, cancelAfter, more);
        Assert.Equal(201, (int)response.StatusCode);
        return await ReadAsync(response);
    }

    /// <summary>Creates a prediction, waits for its end and gets it.</summary>
    public async Task<JsonElement> RunAsync(JsonObject? input = null, string? model = null, JsonObject? more = null)
    {
        var created = await CreateAsync(input, model, prefer: "wait", more: more);
        return await LookAsync(created);
    }

    public Task<JsonElement> LookAsync(JsonElement prediction) => GetAsync($"v1/predictions/{Id(prediction)}");

    public async Task<JsonElement> GetAsync(string path)
    {
        using var response = await Http.GetAsync(path, Ct);
        Assert.Equal(200, (int)response.StatusCode);
        return await ReadAsync(response);
    }

    public async Task<JsonElement> CancelAsync(JsonElement prediction)
    {
        using var response = await Http.PostAsync($"v1/predictions/{Id(prediction)}/cancel", null, Ct);
        Assert.Equal(200, (int)response.StatusCode);
        return await ReadAsync(response);
    }

    public static string Id(JsonElement prediction) => prediction.GetProperty("id").GetString()!;

    public static string Status(JsonElement prediction) => prediction.GetProperty("status").GetString()!;

    public static string FirstFile(JsonElement prediction) => prediction.GetProperty("output")[0].GetString()!;

    public static async Task<JsonElement> ReadAsync(HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct));
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
    }
}
