using System.Net.Http.Headers;

namespace GenApi.Bench.Rivals;

/// <summary>
/// Stands in front of the sandbox and forwards everything except output files, which it serves itself in the requested size
/// (0: it forwards them too). The sandbox builds its links from the Host header, so they point here.
/// </summary>
internal static class FileFront
{
    private const int Megabyte = 1 << 20;

    public static async Task<int> RunAsync(string url, Uri sandbox)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        using var http =
            new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 4096 }) { BaseAddress = sandbox };
        PaddedPng? png = new(Megabyte);
        app.MapGet("/bench/ready", () => Results.Ok());
        app.MapPut("/bench/bytes/{bytes:int}", (int bytes) =>
        {
            png = bytes == 0 ? null : new PaddedPng(bytes);
            return Results.NoContent();
        });
        app.MapGet("/files/{**path}", async (string path, HttpContext context) =>
        {
            if (png is not { } served)
            {
                await PassAsync(context, http);
                return;
            }
            context.Response.ContentType = "image/png";
            context.Response.ContentLength = served.Length;
            foreach (var piece in served.Pieces(path))
                await context.Response.Body.WriteAsync(piece, context.RequestAborted);
        });
        app.MapFallback(context => PassAsync(context, http));
        await app.RunAsync();
        return 0;
    }

    private static async Task PassAsync(HttpContext context, HttpClient http)
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(context.Request.Method), context.Request.Path + context.Request.QueryString);
        if (context.Request.ContentLength > 0 || context.Request.Headers.TransferEncoding.Count > 0)
        {
            request.Content = new StreamContent(context.Request.Body);
            if (context.Request.ContentType is { } type)
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }
        foreach (var header in context.Request.Headers.Where(each => !each.Key.StartsWith("Content-", StringComparison.OrdinalIgnoreCase)))
            request.Headers.TryAddWithoutValidation(header.Key, header.Value.ToArray());
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.Concat(answer.Content.Headers).Where(each => each.Key != "Transfer-Encoding"))
            context.Response.Headers[header.Key] = header.Value.ToArray();
        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
