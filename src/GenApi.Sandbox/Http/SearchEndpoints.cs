using System.Globalization;
using System.Text;
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

    private static IResult Search(HttpContext http, Faults faults, ModelExamples examples)
    {
        if (faults.Matching(null, FaultKind.SearchError, FaultKind.SearchError).FirstOrDefault(fault => fault.TryUse()) is { } fault)
            return fault.Status == 404
                ? Answers.NotFound
                : Answers.Problem(fault.Status ?? 500, null, fault.Text ?? "Search service error");
        var words = http.Request.Query["query"].ToString();
        if (words.Length == 0)
            return Answers.Problem(400, null, "Query parameter \"query\" is required");
        var limit = int.TryParse(http.Request.Query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out var asked)
            ? Math.Clamp(asked, 1, HighestLimit)
            : UsualLimit;
        return Answers.Json(json =>
        {
            json.WriteStartObject();
            json.WriteString("query", words);
            json.WriteStartArray("models");
            foreach (var (model, score) in Found(words).Take(limit))
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
            json.WriteEndArray();
            json.WriteStartArray("pages");
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static async Task<IResult> QueryAsync(HttpContext http, ModelExamples examples)
    {
        using var reader = new StreamReader(http.Request.Body, Encoding.UTF8);
        var words = await reader.ReadToEndAsync(http.RequestAborted);
        return ModelEndpoints.Page(json =>
        {
            foreach (var (model, _) in Found(words))
                ModelEndpoints.WriteModel(json, model, http, examples);
        });
    }

    /// <summary>Finds models whose name or description has every word. Those with all words in the name come first.</summary>
    private static IEnumerable<(ModelDefinition Model, double Score)> Found(string words)
    {
        var parts = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        bool Has(string text) => parts.All(part => text.Contains(part, StringComparison.OrdinalIgnoreCase));
        return Catalogue.Models
            .Where(model => Has($"{model.FullName} {model.Description}"))
            .Select(model => (model, Has(model.FullName) ? 1 : 0.5))
            .OrderByDescending(found => found.Item2)
            .ThenByDescending(found => found.model.RunCount);
    }
}
