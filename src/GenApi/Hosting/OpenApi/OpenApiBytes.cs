using System.Text;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace GenApi.Hosting.OpenApi;

/// <summary>
/// The OpenAPI document, made when it is first requested and the same from then on. Making it takes a tenth of a second of processor time,
/// and anyone may request it. If an endpoint made it each time (<c>MapOpenApi</c>), a few callers without a key could take up the whole
/// machine.
/// </summary>
internal sealed class OpenApiBytes(IServiceProvider services)
{
    public const string DocumentName = "v1";

    private readonly Lazy<Task<byte[]>> _document = new(() => MakeAsync(services));

    public async Task WriteAsync(HttpContext context) =>
        await TaggedJson.WriteAsync(context, Behind(context.Request.PathBase, await _document.Value));

    /// <summary>The document with the path where this caller finds the service as its server.</summary>
    private static byte[] Behind(PathString prefix, byte[] document)
    {
        if (!prefix.HasValue)
            return document;
        var servers = document.AsSpan().IndexOf("\"servers\""u8);
        var slash = servers + document.AsSpan(servers).IndexOf("\"/\""u8) + 1;
        // A prefix has no letter that JSON escapes.
        return [.. document.AsSpan(0, slash), .. Encoding.ASCII.GetBytes(prefix.Value), .. document.AsSpan(slash + 1)];
    }

    private static async Task<byte[]> MakeAsync(IServiceProvider services)
    {
        await using var scope = services.CreateAsyncScope();
        var document =
            await scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(DocumentName).GetOpenApiDocumentAsync();
        using var bytes = new MemoryStream();
        await document.SerializeAsJsonAsync(bytes, OpenApiSpecVersion.OpenApi3_1);
        return bytes.ToArray();
    }
}
