using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using GenApi.Core.Generations;

namespace GenApi.Gallery.Selection;

[Description("Images and files to act on, all of them or none.")]
internal sealed record SelectionRequest
{
    [Description("Ids of images (`img_…`) and files (`fil_…`), each once.")]
    [MinLength(1), MaxLength(NamedOutput.Most)]
    public required IReadOnlyList<string> Ids { get; init; }
}

[Description("Images and files that were deleted.")]
internal sealed record DeletedOutputsContract(
    [property: Description("Their ids, in the order of the request.")] IReadOnlyList<string> Ids,
    [property: Description("Until then `POST /images/restore` brings all of them back. Null: they are gone for good.")]
    DateTime? RestorableUntil);

[Description("Images and files that are back.")]
internal sealed record RestoredOutputsContract(
    [property: Description("Their ids, in the order of the request.")] IReadOnlyList<string> Ids);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(DeletedOutputsContract))]
[JsonSerializable(typeof(RestoredOutputsContract))]
internal sealed partial class SelectionJsonContext : JsonSerializerContext;
