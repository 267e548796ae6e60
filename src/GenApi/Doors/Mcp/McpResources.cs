using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Gallery;
using GenApi.Core.Generations.Service;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using ModelContextProtocol.Protocol;

namespace GenApi.Doors.Mcp;

/// <summary>
/// Images as resources: <c>genapi://images/img_…</c>, and the links that results have. Reading one returns its preview.
/// </summary>
internal sealed class McpResources(GalleryService gallery, GenerationService service, PageCursors cursors, McpPreviews previews)
{
    private const int Rows = 20, LongestTitle = 120;

    private const string Noun = "image";

    public static ListResourceTemplatesResult Templates() => new()
    {
        ResourceTemplates =
        [
            new ResourceTemplate
            {
                UriTemplate = $"{McpArguments.ImageUri}{{id}}",
                Name = Noun,
                Description = "A generated image by its id (img_…), as WebP of at most 1024 pixels.",
                MimeType = "image/webp",
            },
        ],
    };

    /// <summary>Lists images, newest first.</summary>
    public async Task<ListResourcesResult> ListAsync(string? cursor, McpExchange exchange, CancellationToken cancellationToken)
    {
        McpFailures.Require(exchange.Caller, KeyRights.Read, "resources/list");
        var query = new GalleryQuery { Limit = Rows };
        if (cursor is not null)
        {
            query = cursors.TryDecode(cursor, out var at, out var number, out var index)
                ? query with { Cursor = new(at, number, index) }
                : throw GenApiException.ForMember(
                    ErrorKind.InvalidRequest, "$.cursor", "'cursor' must be the nextCursor of an earlier page.");
        }
        var page = await gallery.ListAsync(query, exchange.Caller, cancellationToken);
        return new()
        {
            NextCursor = page.Next is { } next ? cursors.Encode(next.CreatedAt, next.Number, next.Index) : null,
            Resources =
            [
                .. page.Images.Select(row => new Resource
                {
                    Uri = McpArguments.ImageUri + row.Image.PublicId,
                    Name = row.Image.FileName,
                    Title = McpResults.Line(row.Prompt, LongestTitle),
                    Description = row.Model,
                    MimeType = "image/webp",
                }),
            ],
        };
    }

    public async Task<ReadResourceResult> ReadAsync(string uri, McpExchange exchange, CancellationToken cancellationToken)
    {
        McpFailures.Require(exchange.Caller, KeyRights.Read, "resources/read");
        if (!McpArguments.TryReadImage(uri, exchange.BaseUrl, out var text))
            throw new GenApiException(ErrorKind.NotFound, $"There is no such resource. Images are at {McpArguments.ImageUri}img_….");
        var id = RouteId.Parse(PublicId.Image, text, Noun);
        var (image, _) = await service.GetOutputAsync(id, isImage: true, exchange.Caller, cancellationToken);
        var preview = (await previews.OfAsync([image], cancellationToken))[0];
        if (preview.Bytes is not { } bytes)
        {
            throw new GenApiException(ErrorKind.ImageNotConvertible, preview.Fault ?? "There is no preview of this image.")
            {
                GenerationId = image.GenerationId,
            };
        }
        return new() { Contents = [BlobResourceContents.FromBytes(bytes, uri, preview.ContentType)] };
    }
}
