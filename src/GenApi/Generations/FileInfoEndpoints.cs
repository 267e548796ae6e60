using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Generations.Service;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Generations;

/// <summary>Shows and deletes a file that is not an image. Another route serves its bytes; here it is a part of its generation.</summary>
internal sealed class FileInfoEndpoints(GenerationService service, GenerationRendering rendering)
{
    public async Task GetAsync(string id, HttpContext context)
    {
        var fileId = RouteId.Parse(PublicId.File, id, "file");
        var (file, generation) = await service.GetOutputAsync(
            fileId, isImage: false, context.Caller(), context.RequestAborted);
        var baseUrl = CallerAddress.Of(context.Request);
        var contract = new FileInfoContract(rendering.File(file, generation, baseUrl), rendering.Contract(generation, context.Request));
        context.Response.Headers.CacheControl = "private, no-cache";
        var json = JsonSerializer.SerializeToUtf8Bytes(contract, GenerationJsonContext.Answers.FileInfoContract);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }

    public async Task DeleteAsync(string id, HttpContext context)
    {
        var fileId = RouteId.Parse(PublicId.File, id, "file");
        await service.DeleteOutputAsync(
            fileId, isImage: false, context.Caller(), context.Origin(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
