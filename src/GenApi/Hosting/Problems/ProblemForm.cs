namespace GenApi.Hosting.Problems;

/// <summary>
/// Writes problems in the form that the clients of a door read. It applies to every problem below its prefix: of an endpoint, of the
/// entrance, and of a path or method that does not exist.
/// </summary>
internal abstract class ProblemForm
{
    /// <summary>The header by which clients made by Stainless learn whether a repeat is any use.</summary>
    public const string ShouldRetry = "x-should-retry";

    /// <summary>The beginning of the paths that it applies to, such as <c>/v1</c>; whole segments.</summary>
    public abstract PathString Prefix { get; }

    /// <summary>
    /// Renders a problem. Once <see cref="Problem.GenerationId"/> is there, something may have been billed, so the status is one that no
    /// client repeats (<see cref="WithoutRepeats"/>), and the form may not make it one again.
    /// </summary>
    /// <param name="problem">As our own API would answer it, with its secrets removed.</param>
    /// <param name="context">The request; headers may be added to its answer.</param>
    public abstract FormedProblem Write(Problem problem, HttpContext context);

    /// <summary>
    /// Turns a status that clients repeat by themselves (408, 409, 429, 5xx) into 400 if the problem is about a generation, which may have
    /// been billed. The code still says what happened.
    /// </summary>
    public static Problem WithoutRepeats(Problem problem) => problem is { GenerationId: not null, Status: 408 or 409 or 429 or >= 500 }
        ? problem with { Status = StatusCodes.Status400BadRequest, RetryAfter = null }
        : problem;

    /// <summary>Returns the form for a request; null: our own.</summary>
    public static ProblemForm? For(HttpContext context)
    {
        foreach (var form in context.RequestServices.GetServices<ProblemForm>())
        {
            if (context.Request.Path.StartsWithSegments(form.Prefix, StringComparison.OrdinalIgnoreCase))
                return form;
        }
        return null;
    }
}

/// <summary>A problem in the form of a door.</summary>
/// <param name="Status">The HTTP status, 400 to 599.</param>
/// <param name="ContentType">The type of the body.</param>
/// <param name="Body">The body.</param>
internal readonly record struct FormedProblem(int Status, string ContentType, byte[] Body);
