using GenApi.Core.Errors;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Replicate;

namespace GenApi.Doors.Replicate.Catalogue;

/// <summary>Shows models, their versions and examples, collections and machines.</summary>
internal sealed class ModelRoutes(ModelDirectory models)
{
    /// <summary>GET /models: the models that have an alias here. A search reaches the others.</summary>
    public async Task ListAsync(HttpContext context)
    {
        var (after, before) = CataloguePage.Read(context.Request);
        var (rows, hasEarlier, hasLater) = await models.ListAsync(CataloguePage.RowsOfPage, after, before, context.RequestAborted);
        var door = ReplicateDoor.Address(context.Request);
        await CataloguePage.WriteAsync(
            context, hasLater ? NameOf(rows[^1]) : null, hasEarlier ? NameOf(rows[0]) : null, json =>
            {
                foreach (var model in rows)
                    ModelJson.Write(json, model, door);
            });
    }

    public async Task GetAsync(string owner, string name, HttpContext context)
    {
        var model = await models.GetAsync(owner, name, context.RequestAborted);
        var door = ReplicateDoor.Address(context.Request);
        await CatalogueAnswer.WriteAsync(context, json => ModelJson.Write(json, model, door));
    }

    public async Task ListVersionsAsync(string owner, string name, HttpContext context)
    {
        var position = CataloguePage.Read(context.Request);
        var page = await CataloguePage.ReadAsync(() => models.ListVersionsAsync(owner, name, position.After, context.RequestAborted));
        await CataloguePage.WriteAsync(context, page.NextUrl, null, json =>
        {
            foreach (var version in page.Versions)
                ModelJson.WriteVersion(json, version);
        });
    }

    public async Task GetVersionAsync(string owner, string name, string version, HttpContext context)
    {
        var found = await models.GetVersionAsync(owner, name, version, context.RequestAborted);
        await CatalogueAnswer.WriteAsync(context, json => ModelJson.WriteVersion(json, found));
    }

    /// <summary>GET /models/…/examples: the one example that is known.</summary>
    public async Task ListExamplesAsync(string owner, string name, HttpContext context)
    {
        CataloguePage.Read(context.Request);
        var model = await models.GetAsync(owner, name, context.RequestAborted);
        var door = ReplicateDoor.Address(context.Request);
        await CataloguePage.WriteAsync(context, null, null, json =>
        {
            if (model.DefaultExample is { } example)
                ModelJson.WriteExample(json, model, example, door);
        });
    }

    /// <summary>GET /models/…/readme: none is known here.</summary>
    public async Task GetReadmeAsync(string owner, string name, HttpContext context)
    {
        var model = await models.GetAsync(owner, name, context.RequestAborted);
        throw new GenApiException(
            ErrorKind.NotFound,
            $"README not found: GenApi has none of {NameOf(model)}. Read it at https://replicate.com/{NameOf(model)}/readme.");
    }

    public async Task ListCollectionsAsync(HttpContext context)
    {
        var position = CataloguePage.Read(context.Request);
        var page = await CataloguePage.ReadAsync(() => models.ListCollectionsAsync(position.After, context.RequestAborted));
        await CataloguePage.WriteAsync(context, page.NextUrl, null, json =>
        {
            foreach (var collection in page.Collections)
            {
                json.WriteStartObject();
                json.WriteString("name", collection.Name);
                json.WriteString("slug", collection.Slug);
                json.WriteString("description", collection.Description ?? "");
                json.WriteEndObject();
            }
        });
    }

    public async Task GetCollectionAsync(string slug, HttpContext context)
    {
        var collection = await models.GetCollectionAsync(slug, context.RequestAborted);
        var door = ReplicateDoor.Address(context.Request);
        await CatalogueAnswer.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", collection.Name);
            json.WriteString("slug", collection.Slug);
            json.WriteString("description", collection.Description ?? "");
            json.WriteString("full_description", collection.FullDescription);
            json.WriteStartArray("models");
            foreach (var model in collection.Models)
                ModelJson.Write(json, model, door);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task ListHardwareAsync(HttpContext context)
    {
        var machines = await models.ListHardwareAsync(context.RequestAborted);
        await CatalogueAnswer.WriteAsync(context, json =>
        {
            json.WriteStartArray();
            foreach (var machine in machines)
            {
                json.WriteStartObject();
                json.WriteString("sku", machine.Sku);
                json.WriteString("name", machine.Name ?? machine.Sku);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    private static string NameOf(ReplicateModel model) => $"{model.Owner}/{model.Name}";
}
