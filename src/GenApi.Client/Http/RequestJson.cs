using System.Text.Json.Serialization;

namespace GenApi.Client;

/// <summary>The JSON of a request body, with the rules of <c>ClientJson</c>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(GenerateRequest))]
internal sealed partial class RequestJson : JsonSerializerContext;
