using System.Globalization;
using System.Text;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Models;
using GenApi.Sandbox.Predictions;

namespace GenApi.Sandbox.Http;

/// <summary>
/// Offers the two ways to search for models: the search, which is in beta at Replicate, and the list under the method QUERY.
/// </summary>
internal static class SearchEndpoints
{
    private const int UsualLimit = 20;
    private const int HighestLimit = 50;

    public static void MapSearch(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/search", Search);
        routes.MapMethods("/v1/models", ["QUERY"], QueryAsync);
    }

    private static IResult Search(HttpContext http, Faults faults, ModelShelf models, ModelExamples examples)
    {
        if (faults.Matching(null, FaultKind.SearchError, FaultKind.SearchError).FirstOrDefault(fault => fault.TryUse()) is { } fault)
            return fault.Status == 404
                ? Answers.NotFound
                : Answers.Problem(fault.Status ?? 500, null, fault.Text ?? "Search service error");
        var words = http.Request.Query["query"].ToString();
        if (words.Length == 0)
            return Answers.Problem(400, null, "Query parameter \"query\" is required");
        var limit = UsualLimit;
        if (http.Request.Query["limit"].ToString() is { Length: > 0 } asked
            && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > HighestLimit))
            return Answers.Problem(400, null, $"Query parameter \"limit\" must be a whole number from 1 to {HighestLimit}");
        return Answers.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("query", words);
            json.WriteStartArray("models");
            foreach (var (model, score) in Found(models, words).Take(limit))
            {
                json.WriteStartObject();
                json.WritePropertyName("model");
                ModelEndpoints.WriteModel(json, model, http, examples);
                json.WriteStartObject("metadata");
                json.WriteString("generated_description", $"{model.Description}.");
                json.WriteStartArray("tags");
                json.WriteStringValue("text-to-image");
                json.WriteEndArray();
                json.WriteNumber("score", score);
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("collections");
            foreach (var collection in CollectionEndpoints.All.Where(each => HasAll($"{each.Name} {each.Description}", Parts(words))))
            {
                json.WriteStartObject();
                CollectionEndpoints.WriteHead(json, collection);
                json.WriteStartArray("models");
                foreach (var model in Catalogue.Models.Where(collection.Has))
                    json.WriteStringValue(model.FullName);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("pages");
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static async Task<IResult> QueryAsync(HttpContext http, ModelShelf models, ModelExamples examples)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var words = Unquoted(await reader.ReadToEndAsync(http.RequestAborted));
        return ModelEndpoints.Page(json =>
        {
            foreach (var (model, _) in Found(models, words))
                ModelEndpoints.WriteModel(json, model, http, examples);
        });
    }

    /// <summary>Reads the body of the JavaScript client, which sends the words as a JSON string although it says text/plain.</summary>
    private static string Unquoted(string body)
    {
        var text = body.Trim();
        if (text is not ['"', .., '"'])
            return text;
        try
        {
            return JsonSerializer.Deserialize<string>(text) ?? text;
        }
        catch (JsonException)
        {
            return text;
        }
    }

    /// <summary>Finds models whose name or description has every word. Those with all words in the name come first.</summary>
    private static IEnumerable<(ModelDefinition Model, double Score)> Found(ModelShelf models, string words)
    {
        var parts = Parts(words);
        return models.All
            .Where(model => HasAll($"{model.FullName} {model.Description}", parts))
            .Select(model => (model, HasAll(model.FullName, parts) ? 1 : 0.5))
            .OrderByDescending(found => found.Item2)
            .ThenByDescending(found => found.model.RunCount);
    }

    private static string[] Parts(string words) => words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static bool HasAll(string text, string[] parts) =>
        parts.All(part => text.Contains(part, StringComparison.OrdinalIgnoreCase));
}
