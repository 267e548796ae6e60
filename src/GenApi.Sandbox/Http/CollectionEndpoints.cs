using System.Text.Json;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

internal sealed record Collection(string Slug, string Name, string Description, Func<ModelDefinition, bool> Has);

/// <summary>Shows collections of models.</summary>
internal static class CollectionEndpoints
{
    public static readonly IReadOnlyList<Collection> All =
    [
        new("text-to-image", "Text to image", "Models that make pictures from text prompts", IsReal),
        new("official", "Official models", "Models that are always on and have predictable prices", m => m.Official && IsReal(m)),
        new("image-editing", "Image editing", "Models that begin from a picture", m => IsReal(m) && m.Find("image") is not null),
    ];

    public static void MapCollections(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/collections", () => ModelEndpoints.Page(json =>
        {
            foreach (var collection in All)
            {
                json.WriteStartObject();
                WriteHead(json, collection);
                json.WriteEndObject();
            }
        }));
        routes.MapGet("/v1/collections/{slug}", (string slug, HttpContext http, ModelExamples examples) =>
            All.FirstOrDefault(each => each.Slug == slug) is not { } found ? Answers.NotFound : Answers.Json(json =>
            {
                json.WriteStartObject();
                WriteHead(json, found);
                json.WriteNull("full_description");
                json.WriteStartArray("models");
                foreach (var model in Catalogue.Models.Where(found.Has))
                    ModelEndpoints.WriteModel(json, model, http, examples);
                json.WriteEndArray();
                json.WriteEndObject();
            }));
    }

    /// <summary>Writes the three members that lists and searches show too.</summary>
    public static void WriteHead(Utf8JsonWriter json, Collection collection)
    {
        json.WriteString("name", collection.Name);
        json.WriteString("slug", collection.Slug);
        json.WriteString("description", collection.Description);
    }

    /// <summary>Excludes test models and those that greet.</summary>
    private static bool IsReal(ModelDefinition model) => model.Owner != "sandbox" && !model.MakesText;
}
