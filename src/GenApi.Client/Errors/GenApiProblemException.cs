using System.Globalization;
using System.Text;

namespace GenApi.Client;

/// <summary>
/// The service refused the call with a problem document (RFC 9457). Branch on <see cref="Code"/>, which is stable;
/// <see cref="Exception.Message"/> says everything in one line.
/// </summary>
public sealed class GenApiProblemException : GenApiException
{
    /// <summary>A 5xx with one of these codes repeats until somebody acts.</summary>
    private static readonly string[] Lasting = ["blob_missing", "upstream_unauthorized", "upstream_out_of_credit", "not_cached"];

    internal GenApiProblemException(int status, Problem problem, TimeSpan? retryAfter)
        : base(Sentence(status, problem))
    {
        Status = status;
        Code = problem.Code ?? $"http_{status}";
        Title = problem.Title ?? "";
        Detail = problem.Detail ?? "";
        Errors = problem.Errors ?? new Dictionary<string, string[]>();
        TraceId = problem.TraceId;
        GenerationId = problem.GenerationId;
        Budget = problem.Budget;
        RetryAfter = retryAfter ?? (problem.RetryAfter is { } seconds ? TimeSpan.FromSeconds(seconds) : null);
    }

    /// <summary>The HTTP status, from 300.</summary>
    public int Status { get; }

    /// <summary>
    /// A stable word, such as <c>budget_exhausted</c>; <c>http_502</c> and the like if a proxy answered instead of the service.
    /// </summary>
    public string Code { get; }

    /// <summary>A short sentence that is the same for every problem of this code.</summary>
    public string Title { get; }

    /// <summary>The cause in this case.</summary>
    public string Detail { get; }

    /// <summary>The errors by JSON path, or by the name of a parameter or header. Empty if no member is to blame.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }

    /// <summary>The trace id, which finds the request in the service's log.</summary>
    public string? TraceId { get; }

    /// <summary>The generation that the problem is about, if any.</summary>
    public string? GenerationId { get; }

    /// <summary>The budget that has no room, with <c>budget_exhausted</c>.</summary>
    public ExhaustedBudget? Budget { get; }

    /// <summary>True if the same call may succeed a little later. A problem that is the end of a generation is never transient.</summary>
    internal override bool IsTransient =>
        GenerationId is null && Status is 408 or 429 or 500 or 502 or 503 or 504 && !Lasting.Contains(Code);

    private static string Sentence(int status, Problem problem)
    {
        var text = new StringBuilder().Append(
            CultureInfo.InvariantCulture, $"{status} {problem.Code ?? "no problem document"}: {problem.Detail ?? problem.Title}");
        // The detail is the first error; a log with only the message would lose the others.
        foreach (var (place, sentences) in problem.Errors ?? [])
        {
            foreach (var sentence in sentences)
            {
                if (problem.Detail?.Contains(sentence, StringComparison.Ordinal) != true)
                    text.Append(CultureInfo.InvariantCulture, $" {place}: {sentence}");
            }
        }
        return problem.TraceId is { } trace ? text.Append(CultureInfo.InvariantCulture, $" (trace {trace})").ToString() : text.ToString();
    }
}

/// <summary>A problem document as received.</summary>
internal sealed record Problem
{
    public string? Title { get; init; }

    public string? Detail { get; init; }

    public string? Code { get; init; }

    public string? TraceId { get; init; }

    public string? GenerationId { get; init; }

    public Dictionary<string, string[]>? Errors { get; init; }

    public ExhaustedBudget? Budget { get; init; }

    public double? RetryAfter { get; init; }
}

/// <summary>A budget without room for the request. Amounts are US dollars.</summary>
public sealed record ExhaustedBudget
{
    /// <summary>
    /// <c>key</c>: the caller's own budget. <c>end_user</c>: the budget of the person that the request names. <c>all</c>: the budget of the
    /// whole service.
    /// </summary>
    public string Of { get; init; } = "";

    /// <summary>The person whose budget it is; null unless <see cref="Of"/> is <c>end_user</c>.</summary>
    public string? EndUser { get; init; }

    /// <summary><c>day</c>, <c>month</c> or <c>total</c>.</summary>
    public string Span { get; init; } = "";

    /// <summary>The limit.</summary>
    public decimal LimitUsd { get; init; }

    /// <summary>The amount spent; null for the budget of the whole service.</summary>
    public decimal? SpentUsd { get; init; }

    /// <summary>The amount that unfinished generations may still cost; null for the budget of the whole service.</summary>
    public decimal? ReservedUsd { get; init; }

    /// <summary>The worst-case cost of the request.</summary>
    public decimal PriceUsd { get; init; }

    /// <summary>The time at which the next day or month begins; null: never.</summary>
    public DateTimeOffset? ResetsAt { get; init; }
}
