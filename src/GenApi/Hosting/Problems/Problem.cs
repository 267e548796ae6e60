using System.ComponentModel;
using System.Text.Json.Serialization;

namespace GenApi.Hosting.Problems;

[Description("An RFC 9457 problem document: what every answer with a status of 400 or more carries.")]
internal sealed record Problem(
    [property: Description("`urn:genapi:problem:` and the code.")] string Type,
    [property: Description("A short sentence that is the same for every problem of this type.")] string Title,
    [property: Description("The HTTP status.")] int Status,
    [property: Description("What happened this time.")] string Detail,
    [property: Description("A stable word to branch on.")] string Code,
    [property: Description("The W3C trace id; it stands in the service's log too.")] string TraceId)
{
    public const string ContentType = "application/problem+json";

    [Description("JSON path (or the name of a query parameter or header) to what is wrong there and what is allowed. All at once.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    [Description("The generation this is about, where there is one.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GenerationId { get; init; }

    [Description("The budget that has no room, and how it stands.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BudgetProblem? Budget { get; init; }

    [Description("Seconds after which it makes sense to ask again; the same as the header `Retry-After`.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? RetryAfter { get; init; }
}
