namespace GenApi.Hosting.Problems;

/// <summary>
/// Writes problems in the form that the clients of a door read. It applies to every problem below its prefix: of an endpoint, of the
/// entrance, and of a path or method that does not exist.
/// </summary>
internal abstract class ProblemForm
{
    /// <summary>The beginning of the paths that it applies to, such as <c>/v1</c>; whole segments.</summary>
    public abstract PathString Prefix { get; }

    /// <summary>
    /// Renders a problem. Once <see cref="Problem.GenerationId"/> is there, something may have been billed, so the status must be one that
    /// no client repeats: not 408, 409, 429 or 5xx.
    /// </summary>
    /// <param name="problem">As our own API would answer it, with its secrets removed.</param>
    /// <param name="context">The request; headers may be added to its answer.</param>
    public abstract FormedProblem Write(Problem problem, HttpContext context);

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
