using System.Text;
using System.Text.Json;

namespace GenApi.Tests;

/// <summary>An HTTP answer, read to its end.</summary>
internal sealed record Answer(int Status, byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    private JsonElement? _json;

    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => _json ??= JsonElement.Parse(Body);

    /// <summary>Gets a member of the body by its name. Further names lead into it.</summary>
    public JsonElement this[params string[] path] => path.Aggregate(Json, (element, name) => element.GetProperty(name));

    /// <summary>The id of the generation, or of any other body.</summary>
    public string Id => this["id"].GetString()!;

    /// <summary>The status word of a generation.</summary>
    public string State => this["status"].GetString()!;

    /// <summary>The code of a problem document.</summary>
    public string Code => this["code"].GetString()!;

    public Uri ImageUrl(int index = 0) => new(this["images"][index].GetProperty("url").GetString()!);

    /// <summary>Gets a header, or null. Several headers of a name are joined by commas.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    public static async Task<Answer> ReadAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var headers = response.Headers.Concat(response.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value), StringComparer.OrdinalIgnoreCase);
        return new((int)response.StatusCode, body, headers);
    }
}
