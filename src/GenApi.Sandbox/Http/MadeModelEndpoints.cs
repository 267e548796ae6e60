using System.Text.Json;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

/// <summary>Makes and deletes models of the one account. A new model has no version until a training gives it one.</summary>
internal static class MadeModelEndpoints
{
    private static readonly string[] Members =
    [
        "owner", "name", "visibility", "hardware", "description", "github_url", "paper_url", "license_url", "cover_image_url",
    ];

    public static void MapMadeModels(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/models", CreateAsync);
        routes.MapDelete("/v1/models/{owner}/{name}", (string owner, string name, ModelShelf models) =>
            models.Remove($"{owner}/{name}") ? Results.NoContent() : Answers.NotFound);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, ModelShelf models, ModelExamples examples, TimeProvider time)
    {
        var body = await ObjectBody.ReadAsync(http.Request);
        if (body is not { } members)
            return ObjectBody.NotJson;
        List<InvalidField> problems = [.. ObjectBody.Unknown(members, Members)];
        foreach (var name in Members.Take(4))
        {
            if (ObjectBody.Text(members, name) is not { Length: > 0 })
                problems.Add(new("required", "", $"{name} is required"));
        }
        if (problems.Count > 0)
            return Answers.InvalidInput(problems);
        if (ObjectBody.Text(members, "owner") != AccountEndpoints.Username)
            return Answers.Problem(403, "Forbidden", $"This token belongs to {AccountEndpoints.Username}; name it as the owner.");
        var model = new ModelDefinition(
            AccountEndpoints.Username, ObjectBody.Text(members, "name")!, ObjectBody.Text(members, "description") ?? "")
        {
            Official = false,
            IsPrivate = ObjectBody.Text(members, "visibility") != "public",
            CreatedAt = PredictionJson.Text(time.GetUtcNow()),
            Versions = [],
            Inputs = [],
        };
        return models.TryAdd(model)
            ? Answers.Json(json => ModelEndpoints.WriteModel(json, model, http, examples), 201)
            : Answers.Problem(409, "Conflict", $"A model with the name {model.FullName} already exists.");
    }
}

/// <summary>Reads a body that is a JSON object.</summary>
internal static class ObjectBody
{
    public static IResult NotJson => Answers.Problem(400, "Bad request", "The request body is not a JSON object.");

    /// <returns>Null if the body is no JSON object.</returns>
    public static async Task<JsonElement?> ReadAsync(HttpRequest request)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(request.Body, default, request.HttpContext.RequestAborted);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static int? Number(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : null;

    public static IEnumerable<InvalidField> Unknown(JsonElement body, string[] known) =>
        body.EnumerateObject().Where(member => !known.Contains(member.Name)).Select(member =>
            new InvalidField("additional_property_not_allowed", "", $"Additional property {member.Name} is not allowed"));
}
