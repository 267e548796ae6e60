using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GenApi.Generations.Following;

/// <summary>The data of a <c>progress</c> event of all generations.</summary>
internal sealed record FeedProgress(string Id, double Percentage, int Current, int Total, long Revision);

/// <summary>The data of <c>removed</c> and <c>restored</c>: a generation, or an output and its generation.</summary>
internal sealed record FeedMove
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Id { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Image { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? File { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Generation { get; init; }
}

/// <summary>The data of a <c>tagged</c> event: all tags of the caller's account on an image.</summary>
internal sealed record FeedTags(string Image, IReadOnlyList<string> Tags);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(FeedProgress))]
[JsonSerializable(typeof(FeedMove))]
[JsonSerializable(typeof(FeedTags))]
internal sealed partial class FeedJsonContext : JsonSerializerContext
{
    /// <summary>Leaves letters as they are, as all answers do.</summary>
    public static FeedJsonContext Answers => field ??= new(
        new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
