using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Catalogue;
using GenApi.Hosting;

namespace GenApi.Doors.Automatic1111;

/// <summary>The lists from which clients of the web UI choose: models, samplers, and what GenApi has none of.</summary>
internal sealed class WebUiLists(ModelGuide guide, ModelCatalogue catalogue)
{
    /// <summary>More aliases than anyone configures.</summary>
    private const int MostModels = 1_000;

    private static readonly Dictionary<string, string> NoOptions = [];

    private static readonly byte[] Samples = JsonSerializer.SerializeToUtf8Bytes(
        [.. Samplers.All.Select(each => new WebUiSampler(each.Name, each.Aliases, NoOptions))],
        WebUiJsonContext.Answers.IReadOnlyListWebUiSampler);

    private static readonly byte[] Schedules = JsonSerializer.SerializeToUtf8Bytes(
        [.. Samplers.Schedules.Select(each => new WebUiScheduler(each.Name, each.Label, each.Aliases, null, null))],
        WebUiJsonContext.Answers.IReadOnlyListWebUiScheduler);

    private static readonly byte[] Upscalers = JsonSerializer.SerializeToUtf8Bytes(
        [new WebUiUpscaler("None", null, null, null, 1)], WebUiJsonContext.Answers.IReadOnlyListWebUiUpscaler);

    /// <summary>Lists the aliases whose models may make images.</summary>
    public async Task ModelsAsync(HttpContext context)
    {
        var page = await guide.ListAsync(MostModels, null, context.RequestAborted);
        var models = new List<WebUiModel>();
        foreach (var each in page.Models)
        {
            if (!await MayMakeImagesAsync(each.Alias!, context.RequestAborted))
                continue;
            var file = each.Version is { } version ? $"{each.Reference}:{version}" : each.Reference;
            models.Add(new(each.Alias!, each.Alias!, WebUiAnswer.HashOf(each.Version), each.Version, file, null));
        }
        await WriteAsync(
            context, JsonSerializer.SerializeToUtf8Bytes(models, WebUiJsonContext.Answers.IReadOnlyListWebUiModel));
    }

    public static Task SamplersAsync(HttpContext context) => WriteAsync(context, Samples);

    public static Task SchedulersAsync(HttpContext context) => WriteAsync(context, Schedules);

    public static Task UpscalersAsync(HttpContext context) => WriteAsync(context, Upscalers);

    /// <summary>Answers a list of what GenApi has none of.</summary>
    public static Task NothingAsync(HttpContext context) => WriteAsync(context, "[]"u8.ToArray());

    /// <summary>Answers an act that has nothing to do here.</summary>
    public static Task DoneAsync(HttpContext context) => WriteAsync(context, "{}"u8.ToArray());

    public static Task EmbeddingsAsync(HttpContext context) => WriteAsync(context, """{"loaded":{},"skipped":{}}"""u8.ToArray());

    public static Task ScriptsAsync(HttpContext context) => WriteAsync(context, """{"txt2img":[],"img2img":[]}"""u8.ToArray());

    /// <summary>A model that can't be read now stays in the list: its runs may work again in a moment.</summary>
    private async Task<bool> MayMakeImagesAsync(string alias, CancellationToken cancellationToken)
    {
        try
        {
            return (await catalogue.ResolveAsync(alias, cancellationToken)).MayMakeImages;
        }
        catch (GenApiException)
        {
            return true;
        }
    }

    private static Task WriteAsync(HttpContext context, byte[] json)
    {
        context.Response.Headers.CacheControl = "private, no-cache";
        return JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }
}
