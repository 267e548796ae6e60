using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Hosting;
using GenApi.Hosting.Health;

namespace GenApi.Models;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(ModelListContract))]
[JsonSerializable(typeof(ModelDetailsContract))]
[JsonSerializable(typeof(CursorPage<ModelVersionContract>), TypeInfoPropertyName = "VersionPage")]
internal sealed partial class ModelsJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="ApiJsonContext.Answers"/>
    public static ModelsJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
