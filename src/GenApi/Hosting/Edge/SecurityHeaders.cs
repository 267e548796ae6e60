using GenApi.Hosting.OpenApi;
using Microsoft.Extensions.Primitives;

namespace GenApi.Hosting.Edge;

/// <summary>
/// Adds the security headers to every answer. A browser may not guess its type, send its address as a referrer, show it in a frame, or run
/// and load anything for it. The one page, <c>/swagger</c>, may load its own files. The values are shared, because every hit passes here.
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

    /// <summary>Writes the headers. The problem handler calls it again, because the exception middleware clears the headers.</summary>
    public static void Write(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = NoSniff;
        headers[ReferrerPolicy] = NoReferrer;
        headers.XFrameOptions = Deny;
        var isPage = context.Request.Path.StartsWithSegments("/swagger", StringComparison.Ordinal);
        headers.ContentSecurityPolicy = isPage ? OpenApiSetup.PagePolicy : Nothing;
    }
}
