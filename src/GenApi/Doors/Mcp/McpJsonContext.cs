using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Hosting.Health;

namespace GenApi.Doors.Mcp;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(GenerationLinks))]
[JsonSerializable(typeof(FoundImages))]
[JsonSerializable(typeof(ListedModels))]
[JsonSerializable(typeof(JsonRpcErrorContract))]
internal sealed partial class McpJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="ApiJsonContext.Answers"/>
    public static McpJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

/// <summary>The structured content of a generation: ids and links. Clients count it as text, so it never holds bytes.</summary>
internal sealed record GenerationLinks(
    string GenerationId, string Status, IReadOnlyList<OutputLink> Images, IReadOnlyList<OutputLink> Files);

internal sealed record OutputLink(string Id, string Url);

/// <summary>The structured content of a search.</summary>
internal sealed record FoundImages(IReadOnlyList<FoundImage> Images, string? NextCursor);

internal sealed record FoundImage(string Id, string GenerationId, string Url);

/// <summary>The structured content of a list of models.</summary>
internal sealed record ListedModels(IReadOnlyList<ListedModel> Models, string? NextCursor);

/// <param name="Name">What to give as <c>model</c>.</param>
/// <param name="Url">Where the model is described.</param>
internal sealed record ListedModel(string Name, string Url);

/// <summary>An error of JSON-RPC.</summary>
/// <param name="Id">The id of the message; null: it could not be read.</param>
/// <param name="Error">The error.</param>
internal sealed record JsonRpcErrorContract(JsonElement? Id, JsonRpcErrorMember Error)
{
    [JsonPropertyOrder(-1)]
    public string Jsonrpc { get; } = "2.0";
}

internal sealed record JsonRpcErrorMember(int Code, string Message, JsonElement Data);
