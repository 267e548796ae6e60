using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Models;
using GenApi.Core.Replicate;
using GenApi.Core.Upkeep;
using GenApi.Hosting;

namespace GenApi.Models;

/// <summary>What callers can read about models.</summary>
internal sealed class ModelEndpoints(ModelGuide guide, KeepWarmPlan keepWarm, ReplicateUpstream upstream, string byDefault)
{
    public async Task ListAsync(HttpContext context)
    {
        var query = ModelListQuery.ReadModels(context.Request.Query);
        var (baseUrl, seesAll) = (BaseUrl(context.Request), context.Caller().SeesAll);
        var warm = await keepWarm.StatusesAsync(context.RequestAborted);
        ModelListContract list;
        if (query.Words is { } words)
        {
            var matches = await guide.SearchAsync(words, query.Limit, context.RequestAborted);
            list = new([.. matches.Models.Select(model => ModelRendering.Contract(model, warm, baseUrl, seesAll))], null, byDefault, new(matches.Answered, matches.Code, matches.Dropped));
        }
        else
        {
            var page = await guide.ListAsync(query.Limit, query.After, context.RequestAborted);
            list = new([.. page.Models.Select(model => ModelRendering.Contract(model, warm, baseUrl, seesAll))], ModelListQuery.Cursor(page.Next), byDefault, null);
        }
        await TaggedJson.WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(list, ModelsJsonContext.Answers.ModelListContract));
    }

    public Task GetByAliasAsync(string alias, HttpContext context) => GetAsync(alias, context);

    public Task GetByNameAsync(string owner, string name, HttpContext context) => GetAsync($"{owner}/{name}", context);

    public Task ListVersionsByAliasAsync(string alias, HttpContext context) => ListVersionsAsync(alias, context);

    public Task ListVersionsByNameAsync(string owner, string name, HttpContext context) => ListVersionsAsync($"{owner}/{name}", context);

    private async Task GetAsync(string text, HttpContext context)
    {
        var details = await guide.GetAsync(text, context.RequestAborted);
        var contract = ModelRendering.Details(details, await keepWarm.StatusesAsync(context.RequestAborted), upstream.Name, BaseUrl(context.Request), context.Caller().SeesAll);
        await TaggedJson.WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(contract, ModelsJsonContext.Answers.ModelDetailsContract));
    }

    private async Task ListVersionsAsync(string text, HttpContext context)
    {
        var query = ModelListQuery.ReadVersions(context.Request.Query);
        var versions = await guide.ListVersionsAsync(text, query.After, context.RequestAborted);
        var page = new CursorPage<ModelVersionContract>(
            [.. versions.Versions.Select(version => new ModelVersionContract(version.Id, version.CreatedAt?.UtcDateTime, version.IsUsed))], ModelListQuery.Cursor(versions.Next));
        await TaggedJson.WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(page, ModelsJsonContext.Answers.VersionPage));
    }

    private static string BaseUrl(HttpRequest request) => $"{request.Scheme}://{request.Host.Value}{request.PathBase.Value}";
}
