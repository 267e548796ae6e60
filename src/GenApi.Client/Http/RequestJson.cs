using System.Text.Json.Serialization;

namespace GenApi.Client;

/// <summary>The body of a creation alone, by the rules of <c>ClientJson</c>, for what that context holds itself.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(GenerateRequest))]
internal sealed partial class RequestJson : JsonSerializerContext;
