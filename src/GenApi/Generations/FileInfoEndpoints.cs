using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Generations.Service;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Generations;

/// <summary>What is known of a file that is no picture, and its removal. Its bytes are served elsewhere; here it is a part of its generation.</summary>
internal sealed class FileInfoEndpoints(GenerationService service, GenerationRendering rendering)
{
    public async Task GetAsync(string id, HttpContext context)
    {
        var (file, generation) = await service.GetOutputAsync(RouteId.Parse(PublicId.File, id, "file"), isImage: false, context.Caller(), context.RequestAborted);
        var baseUrl = CallerAddress.Of(context.Request);
        var contract = new FileInfoContract(rendering.File(file, generation, baseUrl), rendering.Contract(generation, baseUrl));
        context.Response.Headers.CacheControl = "private, no-cache";
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(contract, GenerationJsonContext.Answers.FileInfoContract));
    }

    public async Task DeleteAsync(string id, HttpContext context)
    {
        await service.DeleteOutputAsync(RouteId.Parse(PublicId.File, id, "file"), isImage: false, context.Caller(), context.Origin(), context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
