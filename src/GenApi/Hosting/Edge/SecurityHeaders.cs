using GenApi.Hosting.OpenApi;
using Microsoft.Extensions.Primitives;

namespace GenApi.Hosting.Edge;

/// <summary>
/// What browsers are told with every answer: to take its type as it is said, to send nobody its address, to put it into no frame, and to run and load nothing for
/// it. The one page, <c>/swagger</c>, may load what is its own. The values are shared: this stands on the path of every hit.
/// </summary>
internal static class SecurityHeaders
{
    private const string ReferrerPolicy = "Referrer-Policy";

    private static readonly StringValues NoSniff = "nosniff", NoReferrer = "no-referrer", Deny = "DENY";
    private static readonly StringValues Nothing = "default-src 'none'; frame-ancestors 'none'; sandbox";

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        Write(context);
        return next(context);
    });

    /// <summary>Once more after the exception middleware, which empties the headers.</summary>
    public static void Write(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers[ReferrerPolicy] = NoReferrer;
        headers.XFrameOptions = Deny;
        headers.ContentSecurityPolicy = context.Request.Path.StartsWithSegments("/swagger", StringComparison.Ordinal) ? OpenApiSetup.PagePolicy : Nothing;
    }
}
