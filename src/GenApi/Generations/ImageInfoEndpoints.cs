using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Generations.Service;
using GenApi.Core.Images.Metadata;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Generations;

/// <summary>Shows and deletes an image. Another route serves its bytes; here it is a part of its generation.</summary>
internal sealed class ImageInfoEndpoints(
    GenerationService service, GenerationRendering rendering, StoredCredentials credentials)
{
    public async Task GetAsync(string id, HttpContext context)
    {
        var imageId = RouteId.Parse(PublicId.Image, id, "image");
        var (image, generation) = await service.GetOutputAsync(
            imageId, isImage: true, context.Caller(), context.RequestAborted);
        var baseUrl = CallerAddress.Of(context.Request);
        var contract = new ImageInfoContract(rendering.Image(image, generation, baseUrl), rendering.Contract(generation, context.Request))
        {
            ContentCredentials = await credentials.ArePresentAsync(image, context.RequestAborted),
            Thumbhash = image.ThumbHash is { Length: > 0 } hash ? Convert.ToBase64String(hash) : null,
        };
        context.Response.Headers.CacheControl = "private, no-cache";
        var json = JsonSerializer.SerializeToUtf8Bytes(contract, GenerationJsonContext.Answers.ImageInfoContract);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }

    public async Task DeleteAsync(string id, HttpContext context)
    {
        var imageId = RouteId.Parse(PublicId.Image, id, "image");
        await service.DeleteOutputAsync(
            imageId, isImage: true, context.Caller(), context.Origin(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
