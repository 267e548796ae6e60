using System.Net.Mime;
using System.Text;
using System.Text.Json;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

/// <summary>Shows models and their versions. <see cref="MadeModelEndpoints"/> makes more of them.</summary>
internal static class ModelEndpoints
{
    public static void MapModels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/models", (HttpContext http, ModelShelf models, ModelExamples examples) => Page(json =>
        {
            foreach (var model in models.All)
                WriteModel(json, model, http, examples);
        }));
        const string one = "/v1/models/{owner}/{name}";
        routes.MapGet(one, (string owner, string name, HttpContext http, ModelShelf models, ModelExamples examples) =>
            models.Find(owner, name) is { } model ? Answers.Json(json => WriteModel(json, model, http, examples)) : Answers.NotFound);
        routes.MapGet($"{one}/versions", Versions);
        routes.MapGet($"{one}/versions/{{id}}", Version);
        routes.MapGet($"{one}/examples", Examples);
        routes.MapGet($"{one}/readme", (string owner, string name, ModelShelf models) => models.Find(owner, name) is { } model
            ? new BodyAnswer(
                200, Encoding.UTF8.GetBytes($"# {model.Name}\n\n{model.Description}.\n"), $"{MediaTypeNames.Text.Plain}; charset=utf-8")
            : Answers.NotFound);
    }

    private static IResult Versions(string owner, string name, ModelShelf models)
    {
        if (models.Find(owner, name) is not { } model)
            return Answers.NotFound;
        return Page(json =>
        {
            // Official models do not list their versions.
            foreach (var version in model.Official ? [] : model.Versions)
                WriteVersion(json, model, version);
        });
    }

    private static IResult Version(string owner, string name, string id, ModelShelf models) =>
        models.Find(owner, name) is { } model && model.Versions.FirstOrDefault(v => v.Id == id) is { } version
            ? Answers.Json(json => WriteVersion(json, model, version))
            : Answers.NotFound;

    private static IResult Examples(string owner, string name, HttpContext http, ModelShelf models, ModelExamples examples)
    {
        if (models.Find(owner, name) is not { } model)
            return Answers.NotFound;
        return Page(json =>
        {
            if (examples.Has(model))
                examples.Write(json, model, AddressOf(http));
        });
    }

    /// <summary>Returns rows that fit on one page.</summary>
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
        var baseUrl = AddressOf(http);
        json.WriteStartObject();
        json.WriteString("url", $"{baseUrl}/{model.FullName}");
        json.WriteString("owner", model.Owner);
        json.WriteString("name", model.Name);
        json.WriteString("description", model.Description);
        json.WriteString("visibility", model.IsPrivate ? "private" : "public");
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
        if (model.Versions is [var latest, ..])
            WriteVersion(json, model, latest);
        else
            json.WriteNullValue();
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

    private static string AddressOf(HttpContext http) => $"{http.Request.Scheme}://{http.Request.Host}";
}
