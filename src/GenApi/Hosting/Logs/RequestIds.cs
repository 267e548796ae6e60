using System.Diagnostics;

namespace GenApi.Hosting.Logs;

/// <summary>
/// Returns the caller's <c>X-Request-Id</c>, or the trace id if there is none, so that there is one id to search for. It becomes
/// <see cref="HttpContext.TraceIdentifier"/> and so appears in the logs.
/// </summary>
internal static class RequestIds
{
    public const string Header = "X-Request-Id";
    private const int Longest = 128;

    public static void UseRequestIds(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (Sanitise(context.Request.Headers[Header].ToString()) is { Length: > 0 } given)
            context.TraceIdentifier = given;
        else if (Activity.Current is { } activity)
            context.TraceIdentifier = activity.TraceId.ToHexString();
        context.Response.Headers[Header] = context.TraceIdentifier;
        return next(context);
    });

    /// <summary>Keeps at most 128 visible ASCII characters, because the value goes into a header and into log lines.</summary>
    public static string Sanitise(string given)
    {
        if (given.Length <= Longest && given.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0)
            return given;
        return string.Concat(given.Where(each => each is >= '!' and <= '~').Take(Longest));
    }
}
