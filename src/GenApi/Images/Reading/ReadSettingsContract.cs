using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Core.Images.Metadata.Reading;
using GenApi.Generations;
using GenApi.Hosting;

namespace GenApi.Images.Reading;

[Description("The settings that a picture carries.")]
internal sealed record ReadSettingsContract
{
    [Description("The tool that wrote them. `a1111` also stands for tools that write the same form, such as Forge and SD.Next. Null if "
        + "the picture carries no settings.")]
    [Words("SettingsSource", typeof(SettingsSource))]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? Source { get; init; }

    [Description("A body for `POST /generate`, empty if the picture carries no settings. It names a `model` only for pictures that "
        + "GenApi made.")]
    public required GenerateRequest Request { get; init; }

    [Description("Everything that was read, in the names and values of the tool.")]
    public required IReadOnlyDictionary<string, JsonElement> Settings { get; init; }

    [Description("What the request could not take over, one sentence for each.")]
    public required IReadOnlyList<string> Notes { get; init; }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReadSettingsContract))]
internal sealed partial class ReadingJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="GenApi.Hosting.Health.ApiJsonContext.Answers"/>
    public static ReadingJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
