using System.Globalization;
using System.Text;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Catalogue;
using GenApi.Hosting;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.Replicate.Catalogue;

/// <summary>Finds models by words, in both ways that Replicate knows.</summary>
internal sealed class SearchRoutes(ModelDirectory models)
{
    private const int LongestWords = 200, LongestBody = 4 << 10, MostFound = 50, UsualFound = 20;
    private const string Query = "query", Limit = "limit";

    private static readonly IReadOnlyList<QueryParameter> Known = [QueryParameter.Text(Query, ""), QueryParameter.Text(Limit, "")];

    /// <summary>QUERY /models: the body is the words.</summary>
    public async Task QueryAsync(HttpContext context)
    {
        var words = Words(await ReadAsync(context.Request, context.RequestAborted), "body");
        var found = await models.SearchAsync(words, MostFound, context.RequestAborted);
        var door = ReplicateDoor.Address(context.Request);
        await CataloguePage.WriteAsync(context, null, null, json =>
        {
            foreach (var model in found)
                ModelJson.Write(json, model, door);
        });
    }

    /// <summary>GET /search?query=…&amp;limit=…</summary>
    public async Task SearchAsync(HttpContext context)
    {
        var (words, limit) = ReadQuery(context.Request.Query);
        var found = await models.SearchAsync(words, limit, context.RequestAborted);
        var door = ReplicateDoor.Address(context.Request);
        await CatalogueAnswer.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString(Query, words);
            json.WriteStartArray("models");
            foreach (var model in found)
            {
                json.WriteStartObject();
                json.WritePropertyName("model");
                ModelJson.Write(json, model, door);
                json.WriteStartObject("metadata");
                json.WriteNull("generated_description");
                json.WriteStartArray("tags");
                json.WriteEndArray();
                json.WriteNull("score");
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            // Both lead to Replicate's own website, which has a search.
            json.WriteStartArray("collections");
            json.WriteEndArray();
            json.WriteStartArray("pages");
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static (string Words, int Limit) ReadQuery(IQueryCollection query)
    {
        var errors = new MemberErrors();
        PageParameters.CheckNames(query, Known, errors);
        var limit = UsualFound;
        if (ListFilters.Text(query, Limit) is { } asked
            && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MostFound))
            errors.Add(Limit, $"'{Limit}' must be a whole number from 1 to {MostFound}; it is \"{MemberErrors.Shorten(asked)}\".");
        var words = ListFilters.Text(query, Query);
        if (string.IsNullOrWhiteSpace(words))
            errors.Add(Query, $"Query parameter \"{Query}\" is required: the words to search for.");
        errors.ThrowIfAny();
        return (Words(words!, Query), limit);
    }

    private static string Words(string text, string where)
    {
        text = text.Trim();
        return Characters.AreAtMost(text, LongestWords)
            ? text
            : throw GenApiException.ForMember(
                ErrorKind.InvalidRequest, where, $"'{where}' has at most {LongestWords} characters; there are {Characters.Count(text)}.");
    }

    /// <summary>
    /// Reads the words. The JavaScript client sends them as a JSON string, quotes included, although it says <c>text/plain</c>.
    /// </summary>
    private static async Task<string> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var buffer = new byte[LongestBody + 1];
        var length = await request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (length > LongestBody)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "body", $"'body' has at most {LongestWords} characters of text.");
        var text = Encoding.UTF8.GetString(buffer, 0, length).Trim().TrimStart('\uFEFF');
        if (text is not ['"', .., '"'])
            return text;
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.GetString()!;
        }
        catch (Exception notJson) when (notJson is JsonException or InvalidOperationException)
        {
            // Words between quotes, or half a surrogate pair.
            return text;
        }
    }
}
