using GenApi.Hosting.Problems;

namespace GenApi.Hosting.Logs;

/// <summary>
/// Holds what the log says about a request beyond its line. It is created only if there is something to say, so a hit creates none.
/// </summary>
internal sealed class RequestNotes
{
    private const int MostMembers = 10;

    /// <summary>The id of the generation, <c>gen_…</c>; null if there is none.</summary>
    public string? GenerationId { get; set; }

    /// <summary>The code of the problem in the answer; null if there is none.</summary>
    public string? Code { get; private set; }

    /// <summary>True if an exception ended the request after its answer had begun, so the answer is incomplete.</summary>
    public bool HasFailed { get; set; }

    /// <summary>The members of the request that are wrong; null if there are none.</summary>
    public string? Members { get; private set; }

    /// <summary>The sentence of the problem; null if it may hold text of the caller's.</summary>
    public string? Detail { get; private set; }

    public static RequestNotes Of(HttpContext context)
    {
        if (context.Features.Get<RequestNotes>() is { } notes)
            return notes;
        notes = new RequestNotes();
        context.Features.Set(notes);
        return notes;
    }

    public void Record(Problem problem)
    {
        Code = problem.Code;
        GenerationId = problem.GenerationId ?? GenerationId;
        // Other names than plain words may be any text of the caller's.
        Members = problem.Errors is { Count: > 0 } errors ? string.Join(", ", errors.Keys.Where(IsPlain).Take(MostMembers)) : null;
        Detail = problem.Status is StatusCodes.Status401Unauthorized or StatusCodes.Status402PaymentRequired
            or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests ? problem.Detail : null;
    }

    private static bool IsPlain(string path) =>
        path.All(each => char.IsAsciiLetterOrDigit(each) || each is '$' or '.' or '_' or '-' or '[' or ']');
}

/// <summary>Lets endpoints name the generation of a request.</summary>
internal static class RequestNotesTags
{
    /// <param name="id"><c>gen_…</c></param>
    public static void TagGeneration(this HttpContext context, string id) => RequestNotes.Of(context).GenerationId = id;
}
