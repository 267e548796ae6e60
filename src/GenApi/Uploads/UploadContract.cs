using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GenApi.Uploads;

[Description("An uploaded image, for use as an input.")]
internal sealed record UploadContract
{
    [Description("`upl_` and 26 characters. Use it as `image`, `mask` or any input that takes a file.")]
    public required string Id { get; init; }

    [Description("The media type that the bytes have, whatever the sender claimed.")]
    public required string ContentType { get; init; }

    [Description("In pixels; 0 for a file without any, which only the Replicate door stores.")]
    public required int Width { get; init; }

    [Description("In pixels; 0 for a file without any, which only the Replicate door stores.")]
    public required int Height { get; init; }

    [Description("Size in bytes.")]
    public required long Bytes { get; init; }

    [Description("Of the bytes; 64 hexadecimal digits.")]
    public required string Sha256 { get; init; }

    [Description("When the upload was stored.")]
    public required DateTime CreatedAt { get; init; }

    [Description("When the upload is removed, unless a request uses it before: each use moves this time forward.")]
    public required DateTime ExpiresAt { get; init; }

    [Description("The address of these facts, absolute.")]
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
