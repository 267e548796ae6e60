using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GenApi.Uploads;

[Description("An image from outside, to be used as an input.")]
internal sealed record UploadContract
{
    [Description("`upl_` and 26 characters. Use it as `image`, `mask` or any other input that takes a file.")]
    public required string Id { get; init; }

    [Description("As the bytes themselves say, whatever was claimed.")]
    public required string ContentType { get; init; }

    [Description("In pixels.")]
    public required int Width { get; init; }

    [Description("In pixels.")]
    public required int Height { get; init; }

    public required long Bytes { get; init; }

    [Description("Of the bytes, 64 hexadecimal digits.")]
    public required string Sha256 { get; init; }

    public required DateTime CreatedAt { get; init; }

    [Description("From then on it is unknown, unless it is used before: each use moves this on.")]
    public required DateTime ExpiresAt { get; init; }

    [Description("Absolute.")]
    public required string Url { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(UploadContract))]
internal sealed partial class UploadJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="GenApi.Hosting.Health.ApiJsonContext.Answers"/>
    public static UploadJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
