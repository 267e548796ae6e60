using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Hosting.Problems;

namespace GenApi.Hosting.Health;

/// <summary>How JSON is written here: snake_case, numbers as numbers, letters as they are. Each feature has a context of its own with the same options.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class ApiJsonContext : JsonSerializerContext
{
    /// <summary>Answers are JSON documents, never parts of a page: a letter of another script need not be escaped.</summary>
    public static ApiJsonContext Answers => field ??= new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
