using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Hosting;
using GenApi.Hosting.Health;

namespace GenApi.Generations;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(GenerationContract))]
[JsonSerializable(typeof(GenerateRequest))]
[JsonSerializable(typeof(CursorPage<GenerationContract>), TypeInfoPropertyName = "GenerationPage")]
[JsonSerializable(typeof(ImageInfoContract))]
[JsonSerializable(typeof(FileInfoContract))]
[JsonSerializable(typeof(StreamedProgress))]
[JsonSerializable(typeof(StreamedLogs))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
internal sealed partial class GenerationJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="ApiJsonContext.Answers"/>
    public static GenerationJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
