using System.Text.Json;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", (HttpContext http, ModelExamples examples) => Page(json =>
        {
            foreach (var model in Catalogue.Models)
                WriteModel(json, model, http, examples);
        }));
        routes.MapGet("/v1/models/{owner}/{name}", (string owner, string name, HttpContext http, ModelExamples examples) =>
            Catalogue.Find(owner, name) is { } model ? Answers.Json(json => WriteModel(json, model, http, examples)) : Answers.NotFound);
        routes.MapGet("/v1/models/{owner}/{name}/versions", Versions);
        routes.MapGet("/v1/models/{owner}/{name}/versions/{id}", Version);
    }

    private static IResult Versions(string owner, string name)
    {
        if (Catalogue.Find(owner, name) is not { } model)
            return Answers.NotFound;
        return Page(json =>
        {
            // Official models do not list their versions.
            foreach (var version in model.Official ? [] : model.Versions)
                WriteVersion(json, model, version);
        });
    }

    private static IResult Version(string owner, string name, string id) =>
        Catalogue.Find(owner, name) is { } model && model.Versions.FirstOrDefault(v => v.Id == id) is { } version
            ? Answers.Json(json => WriteVersion(json, model, version))
            : Answers.NotFound;

    /// <summary>Returns the whole catalogue, which fits on one page.</summary>
    public static IResult Page(Action<Utf8JsonWriter> writeRows) => Answers.Json(json =>
    {
        json.WriteStartObject();
        json.WriteNull("next");
        json.WriteNull("previous");
        json.WriteStartArray("results");
        writeRows(json);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static void WriteModel(Utf8JsonWriter json, ModelDefinition model, HttpContext http, ModelExamples examples)
    {
        var baseUrl = $"{http.Request.Scheme}://{http.Request.Host}";
        json.WriteStartObject();
        json.WriteString("url", $"{baseUrl}/{model.FullName}");
        json.WriteString("owner", model.Owner);
        json.WriteString("name", model.Name);
        json.WriteString("description", model.Description);
        json.WriteString("visibility", "public");
        json.WriteBoolean("is_official", model.Official);
        json.WriteNull("github_url");
        json.WriteNull("paper_url");
        json.WriteNull("license_url");
        json.WriteNumber("run_count", model.RunCount);
        json.WriteNull("cover_image_url");
        json.WritePropertyName("default_example");
        examples.Write(json, model, baseUrl);
        json.WriteString("created_at", model.CreatedAt);
        json.WritePropertyName("latest_version");
        WriteVersion(json, model, model.Versions[0]);
        json.WriteEndObject();
    }

    private static void WriteVersion(Utf8JsonWriter json, ModelDefinition model, ModelVersion version)
    {
        json.WriteStartObject();
        json.WriteString("id", version.Id);
        json.WriteString("created_at", version.CreatedAt);
        json.WriteString("cog_version", model.CogVersion);
        json.WritePropertyName("openapi_schema");
        json.WriteRawValue(VersionSchema.Of(model));
        json.WriteEndObject();
    }
}
