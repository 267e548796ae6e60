using System.Text.Json.Serialization;
using GenApi.Core.Generations;
using GenApi.Core.Images.Conversion;

namespace GenApi.Doors.OpenAi;

/// <summary>The content of a request of the Images API.</summary>
internal sealed record ImagesCall
{
    /// <summary>The inputs of the model.</summary>
    public required DoorInput Input { get; init; }

    /// <summary>For the catalogue: an alias or a model; null: the default model.</summary>
    public required string? Model { get; init; }

    /// <summary>The number of images, at least 1. Each is a generation.</summary>
    public required int Count { get; init; }

    /// <summary>The seed of the first image; each further image has the next one. Null: GenApi chooses.</summary>
    public long? Seed { get; init; }

    public required ImagesShape Shape { get; init; }

    /// <summary>True to answer with events.</summary>
    public bool Streams { get; init; }

    /// <summary>The number of previews that the events may hold, 0 to 3.</summary>
    public int Partials { get; init; }

    /// <summary>The member <c>user</c>; null if there is none.</summary>
    public string? User { get; init; }

    /// <summary>The member <c>cache</c> of our API; null: as the service does by default.</summary>
    public CacheMode? Cache { get; init; }
}

/// <summary>The form of the answer. A batch keeps it as JSON.</summary>
/// <param name="AsUrl">Whether items have <c>url</c>; otherwise <c>b64_json</c>.</param>
/// <param name="Format">The format of the images; null: as the model made them.</param>
/// <param name="Quality">1 to 100, for conversions; null: the usual one.</param>
/// <param name="IsEdit">Whether it answers an edit, whose events have other names.</param>
internal sealed record ImagesShape(bool AsUrl, VariantFormat? Format, int? Quality, bool IsEdit)
{
    [JsonIgnore]
    public DoorFormat Wanted => new(Format, Quality);
}
