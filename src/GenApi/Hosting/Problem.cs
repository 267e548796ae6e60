using System.ComponentModel;
using System.Text.Json.Serialization;

namespace GenApi.Hosting;

/// <summary>An RFC 9457 problem document: what every answer with a status of 400 or more carries.</summary>
/// <param name="Type">`urn:genapi:problem:` and the code.</param>
/// <param name="Title">A short sentence that is the same for every problem of this type.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What happened this time.</param>
/// <param name="Code">A stable word to branch on.</param>
/// <param name="TraceId">The W3C trace id; it stands in the service's log too.</param>
[Description("An RFC 9457 problem document: what every answer with a status of 400 or more carries.")]
internal sealed record Problem(string Type, string Title, int Status, string Detail, string Code, string TraceId)
{
    public const string ContentType = "application/problem+json";

    /// <summary>JSON path (or the name of a query parameter or header) to what is wrong there and what is allowed. All at once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }

    /// <summary>The generation this is about, where there is one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GenerationId { get; init; }

    /// <summary>The budget that has no room, and how it stands.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BudgetProblem? Budget { get; init; }

    /// <summary>Seconds after which it makes sense to ask again; the same as the header `Retry-After`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? RetryAfter { get; init; }
}
