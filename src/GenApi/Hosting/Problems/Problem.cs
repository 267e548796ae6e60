using System.ComponentModel;
using System.Text.Json.Serialization;

namespace GenApi.Hosting.Problems;

[Description("An RFC 9457 problem document: the body of every answer with a status of 400 or more.")]
internal sealed record Problem(
    [property: Description("`urn:genapi:problem:` followed by the code.")] string Type,
    [property: Description("A short sentence, the same for every problem of this type.")] string Title,
    [property: Description("The HTTP status.")] int Status,
    [property: Description("What happened this time: what is wrong, what is allowed, what to do next.")] string Detail,
    [property: Description("A stable word to branch on; not an enumeration, since new codes appear.")] string Code,
    [property: Description("The W3C trace id. Finds the request in the service's log.")] string TraceId)
{
    public const string ContentType = "application/problem+json";

    [Description("JSON path (or name of a query parameter, path part or header) to what is wrong there. Lists everything at once, up to "
        + "50 problems; `$` says how many more there are.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    [Description("The generation this is about. Absent if there is none.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GenerationId { get; init; }

    [Description("The budget that is exhausted, and its figures. Only with `budget_exhausted`.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BudgetProblem? Budget { get; init; }

    [Description("Seconds after which to try again; the same as the header `Retry-After`. Absent if no time is known.")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? RetryAfter { get; init; }
}
