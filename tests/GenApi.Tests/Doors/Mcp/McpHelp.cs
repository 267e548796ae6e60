using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GenApi.Tests.Accounts;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace GenApi.Tests.Doors.Mcp;

/// <summary>Speaks MCP with the package's own client, and with bare HTTP where only the bytes show the behaviour.</summary>
internal static class McpHelp
{
    public const string Path = "/mcp";

    /// <summary>Sent by every client of streamable HTTP.</summary>
    public static (string, string) Accept => ("Accept", "application/json, text/event-stream");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public static Task<McpClient> McpAsync(this GenApiApp app, string? secret = null, string? version = null) =>
        McpClient.CreateAsync(
            new HttpClientTransport(new HttpClientTransportOptions
            {
                Endpoint = new Uri(app.Address, Path),
                TransportMode = HttpTransportMode.StreamableHttp,
                AdditionalHeaders = secret is null ? null : new Dictionary<string, string> { ["Authorization"] = $"Bearer {secret}" },
            }),
            new McpClientOptions { ProtocolVersion = version }, cancellationToken: Ended);

    public static async Task<CallToolResult> ToolAsync(
        this McpClient client, string tool, object arguments, IProgress<ProgressNotificationValue>? progress = null) =>
        await client.CallToolAsync(
            tool,
            JsonSerializer.SerializeToElement(arguments).EnumerateObject().ToDictionary(each => each.Name, each => (object?)each.Value),
            progress, cancellationToken: Ended);

    /// <summary>The first text of a result.</summary>
    public static string Sentence(this CallToolResult result) => result.Content.OfType<TextContentBlock>().First().Text;

    public static JsonElement Structured(this CallToolResult result) => result.StructuredContent!.Value;

    public static string GenerationId(this CallToolResult result) => result.Structured().GetProperty("generation_id").GetString()!;

    public static string[] ImageIds(this CallToolResult result) =>
        [.. result.Structured().GetProperty("images").EnumerateArray().Select(each => each.GetProperty("id").GetString()!)];

    /// <summary>Sends one request of JSON-RPC and returns the bytes of its answer and the message in it.</summary>
    public static async Task<(int Status, byte[] Body, JsonElement Message)> RpcAsync(
        this GenApiApp app, string method, object? parameters = null, params (string Name, string Value)[] headers)
    {
        var body = JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["jsonrpc"] = "2.0",
            ["id"] = 7,
            ["method"] = method,
            ["params"] = parameters ?? new { },
        });
        using var request = new HttpRequestMessage(HttpMethod.Post, Path) { Content = new StringContent(body, Encoding.UTF8) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var (name, value) in headers.Append(Accept))
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await app.Client.SendAsync(request, Ended);
        var bytes = await response.Content.ReadAsByteArrayAsync(Ended);
        var text = Encoding.UTF8.GetString(bytes);
        var json = response.Content.Headers.ContentType?.MediaType == "text/event-stream"
            ? text.Split('\n').Last(line => line.StartsWith("data: ", StringComparison.Ordinal))["data: ".Length..]
            : text;
        return ((int)response.StatusCode, bytes, JsonElement.Parse(json));
    }

    /// <summary>Makes a key with some rights, of a service that requires keys.</summary>
    public static async Task<string> KeyAsync(this GenApiApp app, params string[] rights) =>
        (await app.MakeAsync($"agent {string.Join(' ', rights)}", rights)).Secret;
}
