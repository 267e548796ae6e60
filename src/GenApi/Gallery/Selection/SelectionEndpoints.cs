using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Bin;
using GenApi.Hosting;

namespace GenApi.Gallery.Selection;

/// <summary>Deletes and restores images and files, many at once.</summary>
internal sealed class SelectionEndpoints(ImageBin bin)
{
    public async Task DeleteAsync(HttpContext context)
    {
        var named = await SelectionRequestReader.ReadAsync(context.Request, context.RequestAborted);
        var until = await bin.DeleteAsync(named, context.Caller(), context.Origin(), context.RequestAborted);
        var answer = new DeletedOutputsContract(IdsOf(named), until?.UtcDateTime);
        var json = JsonSerializer.SerializeToUtf8Bytes(answer, SelectionJsonContext.Default.DeletedOutputsContract);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }

    public async Task RestoreAsync(HttpContext context)
    {
        var named = await SelectionRequestReader.ReadAsync(context.Request, context.RequestAborted);
        await bin.RestoreAsync(named, context.Caller(), context.Origin(), context.RequestAborted);
        var answer = new RestoredOutputsContract(IdsOf(named));
        var json = JsonSerializer.SerializeToUtf8Bytes(answer, SelectionJsonContext.Default.RestoredOutputsContract);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }

    private static List<string> IdsOf(IReadOnlyList<NamedOutput> named) => [.. named.Select(each => each.PublicId)];
}
