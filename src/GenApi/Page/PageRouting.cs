using GenApi.Core.Errors;
using GenApi.Hosting;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace GenApi.Page;

/// <summary>
/// Serves the web page: one document for <c>/</c> and <c>/app/VIEW</c>, and its files below <c>/app/VERSION/</c>. Both are open to
/// everybody; what the page shows comes from the API.
/// </summary>
internal static class PageRouting
{
    /// <summary>The first part of the paths of views and files.</summary>
    public const string Folder = "app";

    private const string View = "view";

    /// <summary>The script that reads the event stream for all tabs.</summary>
    private const string Worker = "worker.js";

    private static readonly StringValues ForEver = "public, max-age=31536000, immutable";

    public static void AddPage(this IServiceCollection services)
    {
        services.AddSingleton(_ => new PageFiles(Environment.GetEnvironmentVariable(PageFiles.FolderVariable)));
        services.AddSingleton<PageIndex>();
    }

    public static void MapPage(this WebApplication app)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        app.MapMethods("/", methods, ShowAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapMethods($"/{Folder}/{{{View}}}", methods, ShowAsync).AllowAnonymous().ExcludeFromDescription();
        app.MapMethods($"/{Folder}/{{version}}/{{**file}}", methods, SendAsync).AllowAnonymous().ExcludeFromDescription();
    }

    private static Task ShowAsync(HttpContext context)
    {
        // Files and index are read when somebody first looks; a service that only answers programs never does.
        var index = context.RequestServices.GetRequiredService<PageIndex>();
        var languages = context.Request.GetTypedHeaders().AcceptLanguage.OrderByDescending(each => each.Quality ?? 1);
        var document = index.DocumentFor(
            context.Request.PathBase, context.GetRouteValue(View) as string, languages.Select(each => each.Value.ToString()));
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = index.Policy;
        headers.CacheControl = "no-cache";
        headers.Vary = HeaderNames.AcceptLanguage;
        headers.ETag = document.Tag;
        if (TaggedJson.IsKnown(context.Request, document.Tag))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }
        return WriteAsync(context, "text/html; charset=utf-8", document.Bytes);
    }

    private static Task SendAsync(string version, string file, HttpContext context)
    {
        var files = context.RequestServices.GetRequiredService<PageFiles>();
        if (version != files.Version || files.Find(file) is not { } found)
            throw new GenApiException(ErrorKind.NotFound, "There is no such file of the page. Load the page again.");
        var headers = context.Response.Headers;
        headers.CacheControl = files.AreFixed ? ForEver : "no-store";
        // The policy of a worker's own script decides what the worker may load; for all other files that of the document counts.
        if (file == Worker)
            headers.ContentSecurityPolicy = context.RequestServices.GetRequiredService<PageIndex>().Policy;
        headers.Vary = HeaderNames.AcceptEncoding;
        var (encoding, bytes) = Best(context.Request, found);
        if (encoding is not null)
            headers.ContentEncoding = encoding;
        return WriteAsync(context, found.ContentType, bytes);
    }

    private static (string? Encoding, byte[] Bytes) Best(HttpRequest request, PageFile file)
    {
        var accepted = request.GetTypedHeaders().AcceptEncoding;
        if (Accepts(accepted, "br") && file.Brotli is { } brotli)
            return ("br", brotli);
        return Accepts(accepted, "gzip") && file.Gzip is { } gzip ? ("gzip", gzip) : (null, file.Bytes);
    }

    private static bool Accepts(IList<StringWithQualityHeaderValue> accepted, string encoding) =>
        accepted.Any(each => each.Value.Equals(encoding, StringComparison.OrdinalIgnoreCase) && each.Quality is not 0);

    private static Task WriteAsync(HttpContext context, string contentType, byte[] bytes)
    {
        context.Response.ContentType = contentType;
        context.Response.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes).AsTask();
    }
}
