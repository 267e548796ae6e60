using System.Text.Json;
using GenApi.Core.Uploads;

namespace GenApi.Doors.OpenAi.Edits;

/// <summary>A source image or a mask of an edit.</summary>
/// <param name="Member">The name by which it was sent.</param>
/// <param name="Value">What the model's input becomes: the id of an upload or an image, or a link.</param>
/// <param name="Upload">The upload; null if only a link or an image of ours was named.</param>
internal sealed record EditImage(string Member, JsonElement Value, Upload? Upload)
{
    /// <summary>Of bytes that were just stored.</summary>
    public static EditImage Of(string member, Upload upload) => new(member, DoorFiles.IdOf(upload), upload);
}

/// <summary>The parts of a request for an edit or a variation, whether it came as a form or as JSON.</summary>
internal sealed record EditParts
{
    /// <summary>The names under which images and masks are sent.</summary>
    public const string ImageName = "image", MaskName = "mask", ImagesName = "images";

    /// <summary>The most source images of a request, as at OpenAI.</summary>
    public const int MostImages = 16;

    /// <summary>All other members, each name once and without nulls.</summary>
    public required IReadOnlyList<KeyValuePair<string, JsonElement>> Members { get; init; }

    /// <summary>True if the members are strings, as in a form.</summary>
    public required bool AreTexts { get; init; }

    public required IReadOnlyList<EditImage> Images { get; init; }

    public required EditImage? Mask { get; init; }

    /// <summary>The same for the same request: the members, and the hashes of the images.</summary>
    public required JsonElement Identity { get; init; }

    /// <summary>Returns the model as it was sent; null if none was.</summary>
    public string? Model => Members.FirstOrDefault(member => member.Key == "model").Value is { ValueKind: JsonValueKind.String } model
        ? model.GetString()
        : null;
}
