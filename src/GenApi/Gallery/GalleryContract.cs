using System.ComponentModel;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using GenApi.Hosting;

namespace GenApi.Gallery;

[Description("An image in a list, in at most 1 kB.")]
internal sealed record ListedImageContract
{
    [Description("`img_` and 26 characters.")]
    public required string Id { get; init; }

    [Description("The generation that made it: `gen_` and 26 characters.")]
    public required string GenerationId { get; init; }

    [Description("Absolute. Where API keys are in use, the link itself grants access, for a day (`Images:LinkMinutes`); each list returns "
        + "a valid one.")]
    public required string Url { get; init; }

    [Description("The same link to a WebP picture that is 256 pixels wide, or as wide as the image if that is less.")]
    public required string ThumbnailUrl { get; init; }

    [Description("The media type that the bytes have.")]
    public required string ContentType { get; init; }

    [Description("In pixels, as a viewer shows it. Null if the header does not tell.")]
    public required int? Width { get; init; }

    [Description("In pixels; as `width`.")]
    public required int? Height { get; init; }

    [Description("The beginning of the prompt: at most 200 characters, and fewer where the row would exceed 1 kB.")]
    public required string Prompt { get; init; }

    [Description("`owner/name`.")]
    public required string Model { get; init; }

    [Description("The seed of the run. Null if the model takes none.")]
    public required long? Seed { get; init; }

    [Description("Whether its generation is pinned.")]
    public required bool Pinned { get; init; }

    [Description("The caller's own tags, in alphabetical order, as many as fit.")]
    public required IReadOnlyList<string> Tags { get; init; }

    [Description("The number of tags that did not fit; `GET /images/{id}/tags` has them all.")]
    public required int MoreTags { get; init; }

    [Description("The picture as a blur of at most 25 bytes (ThumbHash), in base64. Null: not computed yet, or it can't be.")]
    public required string? Thumbhash { get; init; }

    [Description("When GenApi accepted the request of its generation.")]
    public required DateTime CreatedAt { get; init; }
}

[Description("Tags, in alphabetical order.")]
internal sealed record TagsContract([property: Description("The tags.")] IReadOnlyList<string> Tags);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(CursorPage<ListedImageContract>), TypeInfoPropertyName = "ImagePage")]
[JsonSerializable(typeof(ListedImageContract))]
[JsonSerializable(typeof(TagsContract))]
internal sealed partial class GalleryJsonContext : JsonSerializerContext
{
    /// <inheritdoc cref="GenApi.Hosting.Health.ApiJsonContext.Answers"/>
    public static GalleryJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
