using System.Globalization;
using System.Text;
using System.Text.Json;
using GenApi.Core.Generations.Gallery;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Gallery;
using GenApi.Hosting.Requests;
using GenApi.Models;
using ModelContextProtocol.Protocol;

namespace GenApi.Doors.Mcp;

/// <summary>The tools that show what there is: models and images.</summary>
internal sealed class LibraryTools(ModelGuide guide, GalleryService gallery, PageCursors cursors, DoorLinks links)
{
    private const string Model = "model";

    private static readonly string[] ModelArguments = ["q", Model, "limit", "cursor"];

    /// <summary>Rows of a page unless the call asks for another number.</summary>
    private const string UsualModels = "20", UsualImages = "10";

    private const int LongestDescription = 160, LongestPrompt = 160;

    /// <summary>Of a model's schema, in characters. A longer one is answered by its address.</summary>
    private const int LongestSchema = 30_000;

    public async Task<CallToolResult> ListModelsAsync(McpCall call, CancellationToken cancellationToken)
    {
        var query = McpArguments.Query(call.Arguments, UsualModels);
        var errors = new MemberErrors();
        foreach (var name in query.Keys.Where(key => !ModelArguments.Contains(key)))
            errors.Unknown("$", name, ModelArguments);
        errors.ThrowIfAny();
        if (query.TryGetValue(Model, out var named) && named is [{ Length: > 0 } text])
            return await DescribeAsync(text, query, call, cancellationToken);
        var wanted = ModelListQuery.ReadModels(query);
        var (found, next) = wanted.Words is { } words
            ? ((await guide.SearchAsync(words, wanted.Limit, cancellationToken)).Models, null)
            : await PageAsync(wanted, cancellationToken);
        var models = found.Select(model => ModelRendering.Contract(model, [], call.Exchange.BaseUrl, call.Caller.SeesAll)).ToList();
        var lines = new StringBuilder(models.Count == 0 ? "No model was found." : "Give the first name as `model`:");
        foreach (var model in models)
            lines.Append("\n- ").Append(Line(model));
        if (next is not null)
            lines.Append(CultureInfo.InvariantCulture, $"\nMore: cursor {next}");
        return Result(lines.ToString(), JsonSerializer.SerializeToElement(
            new ListedModels([.. models.Select(model => new ListedModel(model.Alias ?? model.Model, model.Urls.Self))], next),
            McpJsonContext.Answers.ListedModels));
    }

    public async Task<CallToolResult> SearchImagesAsync(McpCall call, CancellationToken cancellationToken)
    {
        var query = GalleryListQuery.Read(McpArguments.Query(call.Arguments, UsualImages), cursors, guide);
        var page = await gallery.ListAsync(query, call.Caller, cancellationToken);
        var next = page.Next is { } cursor ? cursors.Encode(cursor.CreatedAt, cursor.Number, cursor.Index) : null;
        var text = new StringBuilder(page.Images.Count == 0 ? "No image was found." : "Images, newest first:");
        var found = new List<FoundImage>(page.Images.Count);
        foreach (var row in page.Images)
        {
            var image = new FoundImage(
                row.Image.PublicId, PublicId.Format(PublicId.Generation, row.Image.GenerationId), links.Url(call.Context, row.Image));
            found.Add(image);
            var seed = row.Seed is { } known ? string.Create(CultureInfo.InvariantCulture, $", seed {known}") : "";
            text.Append(
                CultureInfo.InvariantCulture,
                $"\n- {image.Id} by {row.Model}{seed}: {McpResults.Line(row.Prompt, LongestPrompt)}\n  {image.Url}");
        }
        if (next is not null)
            text.Append(CultureInfo.InvariantCulture, $"\nMore: cursor {next}");
        return Result(
            text.ToString(), JsonSerializer.SerializeToElement(new FoundImages(found, next), McpJsonContext.Answers.FoundImages));
    }

    private async Task<(IReadOnlyList<ModelListing> Models, string? Next)> PageAsync(
        ModelListQuery wanted, CancellationToken cancellationToken)
    {
        var page = await guide.ListAsync(wanted.Limit, wanted.After, cancellationToken);
        return (page.Models, ModelListQuery.Cursor(page.Next));
    }

    /// <summary>Describes one model: its own line, the names from generate_image that it takes, and its schema.</summary>
    private async Task<CallToolResult> DescribeAsync(
        string name, QueryCollection query, McpCall call, CancellationToken cancellationToken)
    {
        var errors = new MemberErrors();
        foreach (var other in query.Keys.Where(key => key is not (Model or "limit")))
            errors.Add($"$.{other}", "'model' describes one model and goes with no other argument. Leave one of the two out.");
        errors.ThrowIfAny();
        var details = await guide.GetAsync(name, cancellationToken);
        var model = ModelRendering.Contract(details.Model, [], call.Exchange.BaseUrl, call.Caller.SeesAll);
        var schema = details.InputSchema?.ToJsonString(ModelsJsonContext.Answers.Options);
        var text = new StringBuilder(Line(model));
        text.Append("\nArguments of generate_image that it takes: ").AppendJoin(", ", details.CommonNames.Keys).Append('.');
        text.Append(schema switch
        {
            null => "\nIt publishes no schema.",
            { Length: > LongestSchema } => $"\nIts own names, for `input`, are at GET {model.Urls.Self}.",
            _ => $"\nIts own names, for `input`:\n{schema}",
        });
        return Result(text.ToString(), JsonSerializer.SerializeToElement(
            new ListedModels([new(model.Alias ?? model.Model, model.Urls.Self)], null), McpJsonContext.Answers.ListedModels));
    }

    private static string Line(ModelContract model)
    {
        var name = model.Alias is { } alias ? $"{alias} ({model.Model})" : model.Model;
        var price = model.Price?.TypicalUsd is { } usd ? $" About ${usd} a run." : "";
        var isDefault = model.Default ? " This is the default." : "";
        var description = model.Description is { Length: > 0 } text ? McpResults.Line(text, LongestDescription) : "no description";
        return $"{name}: {description.TrimEnd('.')}.{price}{isDefault}";
    }

    private static CallToolResult Result(string text, JsonElement structured) =>
        new() { Content = [new TextContentBlock { Text = text }], StructuredContent = structured };
}
