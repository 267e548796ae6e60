using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models.Catalogue;

/// <summary>Describes models for callers. Lists and known models come from the database, whether the upstream answers or not.</summary>
public sealed class ModelGuide
{
    /// <inheritdoc cref="ModelReference.Member"/>
    public const string Member = ModelReference.Member;

    /// <summary>The most results that Replicate's search returns.</summary>
    private const int MostFound = 50;

    private readonly ModelOptions _options;
    private readonly ModelCatalogue _catalogue;
    private readonly ModelSource _source;
    private readonly ModelDescriptions _descriptions;
    private readonly ModelStatistics _statistics;

    public ModelGuide(
        IOptions<ModelOptions> options, ModelCatalogue catalogue, ModelSource source, ModelDescriptions descriptions,
        ModelStatistics statistics) =>
        (_options, _catalogue, _source, _descriptions, _statistics) = (options.Value, catalogue, source, descriptions, statistics);

    /// <summary>Lists the aliases by name.</summary>
    /// <param name="limit">At least 1.</param>
    /// <param name="after">The last alias of the previous page.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public async Task<ModelPage> ListAsync(int limit, string? after, CancellationToken cancellationToken)
    {
        var aliases = _catalogue.Aliases.OrderBy(each => each.Alias, StringComparer.OrdinalIgnoreCase)
            .Where(each => after is null || StringComparer.OrdinalIgnoreCase.Compare(each.Alias, after) > 0).Take(limit + 1).ToList();
        var page = aliases.Take(limit).ToList();
        var rows = await _descriptions.OfAsync([.. page.Select(each => each.Reference.Unpinned)], cancellationToken);
        var listings = page.ConvertAll(each => Listing(each.Alias, each.Reference, Row(rows, each.Reference)));
        return new ModelPage(await _statistics.AddAsync(listings, cancellationToken), aliases.Count > limit ? page[^1].Alias : null);
    }

    /// <summary>
    /// Finds aliases whose name, model or description has every word, and adds the upstream's results. The aliases come even if the
    /// upstream can't be asked. If callers may name aliases only, the upstream is not asked.
    /// </summary>
    public async Task<ModelMatches> SearchAsync(string words, int limit, CancellationToken cancellationToken)
    {
        // A model's name or the address of its page finds that model.
        if (ModelReference.TryParse(words, out var model) && !model.IsAlias)
            words = model.Unpinned.ToString();
        var aliases = _catalogue.Aliases.OrderBy(each => each.Alias, StringComparer.OrdinalIgnoreCase).ToList();
        var rows = await _source.ListAsync([.. aliases.Select(each => each.Reference.Unpinned.ToString()).Distinct()], cancellationToken);
        var listings = aliases.Select(each => Listing(each.Alias, each.Reference, Row(rows, each.Reference))).ToList();
        var (found, code) = _options.AllowAny ? await AskAsync(words, Math.Min(limit, MostFound), cancellationToken) : (null, null);

        var parts = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var named = found?.Select(model => $"{model.Owner}/{model.Name}").ToHashSet(StringComparer.OrdinalIgnoreCase) ?? [];
        var matches = listings
            .Where(each => named.Contains(each.Reference) || Has($"{each.Alias} {each.Reference} {each.Description}", parts))
            .ToList();
        var known = listings.Select(each => each.Reference).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var others = found?.Where(model => !known.Contains($"{model.Owner}/{model.Name}")).ToList() ?? [];
        var images = others.Where(model => ImageMakers.MayMakeImages(model)).ToList();
        var shown = await _statistics.AddAsync([.. matches.Concat(images.Select(Listing)).Take(limit)], cancellationToken);
        return new ModelMatches(shown, found is not null, code, others.Count - images.Count);
    }

    /// <summary>Returns the model that a text names, as rows of generations have it: <c>owner/name</c>, whatever the version.</summary>
    /// <param name="text">A text as for <see cref="GetAsync"/>.</param>
    /// <exception cref="GenApiException">InvalidRequest: it names no model. UnknownModel: there is no such alias.</exception>
    public string NameOf(string text) => _catalogue.ReferenceOf(text).Unpinned.ToString();

    /// <inheritdoc cref="ModelCatalogue.NameForAsync"/>
    public Task<string> NameForAsync(string text, CancellationToken cancellationToken) => _catalogue.NameForAsync(text, cancellationToken);

    /// <inheritdoc cref="ModelCatalogue.MakesFiles"/>
    public bool? MakesFiles(string model, string? version) => _catalogue.MakesFiles(model, version);

    /// <inheritdoc cref="ModelCatalogue.NameOfVersion"/>
    public string? NameOfVersion(string version) => _catalogue.NameOfVersion(version);

    /// <param name="text">An alias, <c>owner/name</c>, <c>owner/name:version</c>, or the address of the model's page.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">As for <see cref="ModelCatalogue.ResolveAsync"/>.</exception>
    public async Task<ModelDetails> GetAsync(string text, CancellationToken cancellationToken)
    {
        var model = await _catalogue.ResolveAsync(text, cancellationToken);
        var reference = _catalogue.ReferenceOf(text);
        await _descriptions.OfAsync([reference.Unpinned], cancellationToken);
        // There is no row if the disk was full; then the upstream has just answered.
        var entry = await _source.FindAsync(reference, cancellationToken) ?? await _source.FetchAsync(reference, cancellationToken);
        var described = reference.Version is null ? entry : await _source.FindAsync(reference.Unpinned, cancellationToken);
        var example = described?.Example is { } json ? ModelExample.Parse(json) : null;
        var listings = await _statistics.AddAsync([Listing(model.Alias, reference, described)], cancellationToken);
        return new ModelDetails
        {
            Model = listings[0],
            FetchedAt = entry.FetchedAt,
            InputSchema = model.Input.IsKnown && entry.Schema is { } schema
                ? InputDocument.Write(JsonElement.Parse(schema), model.Input)
                : null,
            CommonNames = CommonTargets.Of(model.Input),
            Example = example,
            ExampleRequest = ExampleRequest.Write(model.Alias ?? reference.ToString(), model.Input, example?.Input),
        };
    }

    /// <summary>Lists the versions of a community model, newest first; official models list none.</summary>
    /// <param name="text">A text as for <see cref="GetAsync"/>; a version in it only marks the one in use.</param>
    /// <param name="next">The cursor of the previous page.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">
    /// As for <see cref="ModelCatalogue.ResolveAsync"/>, and any failure to ask the upstream: versions are not stored here.
    /// </exception>
    public async Task<ModelVersions> ListVersionsAsync(string text, string? next, CancellationToken cancellationToken)
    {
        var model = await _catalogue.ResolveAsync(text, cancellationToken);
        var page = await _source.ListVersionsAsync(_catalogue.ReferenceOf(text), next, cancellationToken);
        var versions = page.Versions.Select(version => new ModelVersion(version.Id, version.CreatedAt, version.Id == model.Version));
        return new ModelVersions([.. versions], page.NextUrl);
    }

    private async Task<(IReadOnlyList<ReplicateModel>? Found, string? Code)> AskAsync(
        string words, int limit, CancellationToken cancellationToken)
    {
        try
        {
            return (await _source.SearchAsync(words, limit, cancellationToken), null);
        }
        catch (GenApiException failure)
        {
            return (null, failure.Code);
        }
    }

    private ModelListing Listing(string? alias, ModelReference reference, ModelEntry? described) => new()
    {
        Alias = alias,
        Owner = described?.Owner ?? reference.Owner!,
        Name = described?.Name ?? reference.Name,
        Version = reference.Version ?? described?.Version,
        IsOfficial = described?.IsOfficial,
        IsDefault = IsDefault(alias, reference),
        Description = described?.Description,
        RunCount = described?.RunCount,
        CoverImageUrl = described?.CoverImageUrl,
        DescribedAt = described?.DescribedAt,
    };

    private ModelListing Listing(ReplicateModel found) => new()
    {
        Owner = found.Owner,
        Name = found.Name,
        Version = found.IsOfficial ? null : found.LatestVersion?.Id,
        IsOfficial = found.IsOfficial,
        IsDefault = IsDefault(null, new ModelReference(found.Owner, found.Name, null)),
        Description = found.Description,
        RunCount = found.RunCount,
        CoverImageUrl = found.CoverImageUrl,
    };

    private bool IsDefault(string? alias, ModelReference reference) =>
        alias is null ? _options.Default == reference.ToString() : alias.Equals(_options.Default, StringComparison.OrdinalIgnoreCase);

    private static ModelEntry? Row(IReadOnlyDictionary<string, ModelEntry> rows, ModelReference reference) =>
        rows.GetValueOrDefault(reference.Unpinned.ToString());

    private static bool Has(string text, string[] words) => words.All(word => text.Contains(word, StringComparison.OrdinalIgnoreCase));
}
