namespace GenApi.Bench.Rivals;

/// <summary>Answers every POST with the bytes of a file, as an upstream that costs nothing.</summary>
internal static class FileAnswer
{
    public static async Task<int> RunAsync(string url, string file)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(url);
        var app = builder.Build();
        var bytes = await File.ReadAllBytesAsync(file);
        app.MapGet("/ready", () => Results.Ok());
        app.MapPost("/{**path}", async context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = bytes.Length;
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        });
        await app.RunAsync();
        return 0;
    }
}
