using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Generations.Gallery;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.Requests;
using Microsoft.AspNetCore.Http.Features;

namespace GenApi.Gallery;

/// <summary>GET /images, and the tags of images.</summary>
internal sealed class GalleryEndpoints(GalleryService service, GalleryRendering rendering, ModelGuide models, PageCursors cursors)
{
    public async Task ListAsync(HttpContext context)
    {
        var query = GalleryListQuery.Read(context.Request.Query, cursors, models);
        var page = await service.ListAsync(query, context.Caller(), context.RequestAborted);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, rendering.Page(page, context.Request));
    }

    public async Task TagsAsync(HttpContext context) =>
        await WriteAsync(context, await service.TagsAsync(context.Caller(), context.RequestAborted));

    public async Task TagsOfImageAsync(string id, HttpContext context) =>
        await WriteAsync(context, await service.TagsAsync(Id(id), context.Caller(), context.RequestAborted));

    public async Task TagAsync(string id, string tag, HttpContext context)
    {
        await service.TagAsync(Id(id), Tag(tag, context), context.Caller(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public async Task UntagAsync(string id, string tag, HttpContext context)
    {
        await service.UntagAsync(Id(id), Tag(tag, context), context.Caller(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Guid Id(string text) => RouteId.Parse(PublicId.Image, text, "image");

    /// <summary>
    /// Reads the tag. The server decodes all of a path but <c>%2F</c>, so a slash in a tag and the text "%2F" look alike there. Such a tag
    /// is read from the address as it was sent.
    /// </summary>
    private static string Tag(string decoded, HttpContext context)
    {
        var errors = new MemberErrors();
        var isUndecided = decoded.Contains("%2F", StringComparison.OrdinalIgnoreCase);
        var tag = GalleryListQuery.Tag(isUndecided ? Sent(context) : decoded, errors);
        errors.ThrowIfAny();
        return tag!;
    }

    private static string Sent(HttpContext context)
    {
        var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget.Split('?', 2)[0].TrimEnd('/');
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }

    private static Task WriteAsync(HttpContext context, IReadOnlyList<string> tags)
    {
        context.Response.Headers.CacheControl = "private, no-cache";
        var json = JsonSerializer.SerializeToUtf8Bytes(new TagsContract(tags), GalleryJsonContext.Answers.TagsContract);
        return JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }
}
