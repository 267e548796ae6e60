using GenApi.Hosting.Problems;

namespace GenApi.Hosting.Logs;

/// <summary>What the log says about a request beyond its line: made only for requests that have something to say, so a hit makes
/// nothing.</summary>
internal sealed class RequestNotes
{
    private const int MostMembers = 10;

    /// <summary><c>gen_…</c>; null: none.</summary>
    public string? GenerationId { get; set; }

    /// <summary>The problem that was answered; null: none.</summary>
    public string? Code { get; private set; }

    /// <summary>Where the request is wrong; null: nowhere.</summary>
    public string? Members { get; private set; }

    /// <summary>The problem's own sentence, where it holds nothing that a caller wrote; else null.</summary>
    public string? Detail { get; private set; }

    public static RequestNotes Of(HttpContext context)
    {
        if (context.Features.Get<RequestNotes>() is { } notes)
            return notes;
        notes = new RequestNotes();
        context.Features.Set(notes);
        return notes;
    }

    public void Take(Problem problem)
    {
        Code = problem.Code;
        GenerationId = problem.GenerationId ?? GenerationId;
        // A name that is no plain word may be anything that a caller wrote.
        Members = problem.Errors is { Count: > 0 } errors ? string.Join(", ", errors.Keys.Where(IsPlain).Take(MostMembers)) : null;
        Detail = problem.Status is StatusCodes.Status401Unauthorized or StatusCodes.Status402PaymentRequired
            or StatusCodes.Status403Forbidden or StatusCodes.Status429TooManyRequests ? problem.Detail : null;
    }

    private static bool IsPlain(string path) =>
        path.All(each => char.IsAsciiLetterOrDigit(each) || each is '$' or '.' or '_' or '-' or '[' or ']');
}

/// <summary>How endpoints name the generation that a request is about.</summary>
internal static class RequestNotesTags
{
    /// <param name="id"><c>gen_…</c></param>
    public static void TagGeneration(this HttpContext context, string id) => RequestNotes.Of(context).GenerationId = id;
}
