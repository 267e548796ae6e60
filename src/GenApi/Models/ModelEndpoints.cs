using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.KeepWarm;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Replicate;
using GenApi.Hosting;

namespace GenApi.Models;

/// <summary>/models: everything that callers can read about models.</summary>
internal sealed class ModelEndpoints(ModelGuide guide, KeepWarmPlan keepWarm, ReplicateUpstream upstream, string byDefault)
{
    public async Task ListAsync(HttpContext context)
    {
        var query = ModelListQuery.ReadModels(context.Request.Query);
        var (baseUrl, seesAll) = (CallerAddress.Of(context.Request), context.Caller().SeesAll);
        var warm = await keepWarm.StatusesAsync(context.RequestAborted);
        ModelListContract list;
        if (query.Words is { } words)
        {
            var matches = await guide.SearchAsync(words, query.Limit, context.RequestAborted);
            var search = new ModelSearchContract(matches.Answered, matches.Code, matches.Dropped);
            var found = matches.Models.Select(model => ModelRendering.Contract(model, warm, baseUrl, seesAll));
            list = new([.. found], null, byDefault, search);
        }
        else
        {
            var page = await guide.ListAsync(query.Limit, query.After, context.RequestAborted);
            var next = ModelListQuery.Cursor(page.Next);
            list = new([.. page.Models.Select(model => ModelRendering.Contract(model, warm, baseUrl, seesAll))], next, byDefault, null);
        }
        await TaggedJson.WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(list, ModelsJsonContext.Answers.ModelListContract));
    }

    public Task GetByAliasAsync(string alias, HttpContext context) => GetAsync(alias, "alias", context);

    public Task GetByNameAsync(string owner, string name, HttpContext context) => GetAsync($"{owner}/{name}", "name", context);

    /// <summary>Gets a model by the address of its page, which has more parts than a name.</summary>
    public Task GetByPageAsync(string page, HttpContext context) => GetAsync(page, "page", context);

    public Task ListVersionsByAliasAsync(string alias, HttpContext context) => ListVersionsAsync(alias, "alias", context);

    public Task ListVersionsByNameAsync(string owner, string name, HttpContext context) =>
        ListVersionsAsync($"{owner}/{name}", "name", context);

    private async Task GetAsync(string text, string part, HttpContext context)
    {
        var details = await AskAsync(() => guide.GetAsync(Plain(text), context.RequestAborted), part);
        var warm = await keepWarm.StatusesAsync(context.RequestAborted);
        var contract = ModelRendering.Details(details, warm, upstream.Name, CallerAddress.Of(context.Request), context.Caller().SeesAll);
        await TaggedJson.WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(contract, ModelsJsonContext.Answers.ModelDetailsContract));
    }

    private async Task ListVersionsAsync(string text, string part, HttpContext context)
    {
        var query = ModelListQuery.ReadVersions(context.Request.Query);
        var versions = await AskAsync(() => guide.ListVersionsAsync(Plain(text), query.After, context.RequestAborted), part);
        var rows = versions.Versions.Select(version =>
            new ModelVersionContract(version.Id, version.CreatedAt?.UtcDateTime, version.IsUsed));
        var page = new CursorPage<ModelVersionContract>([.. rows], ModelListQuery.Cursor(versions.Next));
        await TaggedJson.WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(page, ModelsJsonContext.Answers.VersionPage));
    }

    /// <summary>Unescapes the slashes and colons of an address; routing leaves slashes escaped.</summary>
    private static string Plain(string text) => Uri.UnescapeDataString(text);

    /// <summary>Assigns a refusal of the model to the part of the path that names it, instead of a member of a body.</summary>
    private static async Task<T> AskAsync<T>(Func<Task<T>> ask, string part)
    {
        try
        {
            return await ask();
        }
        catch (GenApiException refusal) when (refusal.Errors.ContainsKey(ModelGuide.Member))
        {
            throw refusal.At(part);
        }
    }
}
