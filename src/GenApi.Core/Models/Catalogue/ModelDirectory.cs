using System.Collections.Concurrent;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Settings;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Models.Catalogue;

/// <summary>
/// Shows models in full, as the upstream describes them, to programs that speak the upstream's own language. It asks the upstream, and
/// answers from memory or from the rows where the upstream can't be asked.
/// </summary>
public sealed class ModelDirectory(
    IOptions<ModelOptions> options, ModelCatalogue catalogue, ModelSource source, ReplicateClient client, SteadyClock clock)
{
    /// <summary>Descriptions hold schemas of up to megabytes.</summary>
    private const int MostInMemory = 200;

    private const int AtOnce = 8;

    /// <summary>The time that a list waits for descriptions.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ModelOptions _options = options.Value;
    private readonly TimeSpan _fresh = TimeSpan.FromMinutes(options.Value.RefreshMinutes);
    private readonly ConcurrentDictionary<string, (ReplicateModel Model, DateTimeOffset At)> _known = new(StringComparer.Ordinal);

    /// <summary>Describes a model.</summary>
    /// <exception cref="GenApiException">
    /// UnknownModel: there is no such model, or callers may not name it. Any failure to ask the upstream about a model that is not known.
    /// </exception>
    public Task<ReplicateModel> GetAsync(string owner, string name, CancellationToken cancellationToken) =>
        ReadAsync(Allowed(owner, name), cancellationToken);

    /// <summary>Lists the models that have an alias, each once, by name.</summary>
    /// <param name="limit">At least 1.</param>
    /// <param name="after">Lists models after this <c>owner/name</c>; null: from the first.</param>
    /// <param name="before">Lists the last models before this <c>owner/name</c>. Not together with <paramref name="after"/>.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The models, and whether there are others before and after them.</returns>
    public async Task<(IReadOnlyList<ReplicateModel> Models, bool HasEarlier, bool HasLater)> ListAsync(
        int limit, string? after, string? before, CancellationToken cancellationToken)
    {
        var all = Named().ToList();
        bool IsChosen(ModelReference model) => (after is null || string.CompareOrdinal(model.ToString(), after) > 0)
            && (before is null || string.CompareOrdinal(model.ToString(), before) < 0);
        var chosen = all.Where(IsChosen).ToList();
        chosen = [.. before is null ? chosen.Take(limit) : chosen.TakeLast(limit)];
        var models = await DescribeAsync(chosen, cancellationToken);
        return (models, chosen.Count > 0 && chosen[0] != all[0], chosen.Count > 0 && chosen[^1] != all[^1]);
    }

    /// <summary>
    /// Finds models by words: the upstream's results, best first, then models with an alias that have every word. If the upstream fails,
    /// the latter come alone.
    /// </summary>
    /// <param name="words">The words to search for; without any, every model with an alias matches.</param>
    /// <param name="limit">1 to 50.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">The upstream failed, and nothing else was found.</exception>
    public async Task<IReadOnlyList<ReplicateModel>> SearchAsync(string words, int limit, CancellationToken cancellationToken)
    {
        IReadOnlyList<ReplicateModel> found = [];
        GenApiException? failure = null;
        if (_options.AllowAny && words.Length > 0)
        {
            try
            {
                found = await source.SearchAsync(words, limit, cancellationToken);
            }
            catch (GenApiException fault)
            {
                failure = fault;
            }
        }
        foreach (var model in found)
            Shown(model);
        var names = found.Select(model => $"{model.Owner}/{model.Name}").ToHashSet(StringComparer.OrdinalIgnoreCase);
        var others = (await MatchesAsync(words, cancellationToken)).Where(model => !names.Contains(model.ToString())).ToList();
        if (failure is not null && others.Count == 0)
            throw failure;
        return [.. found, .. await DescribeAsync([.. others.Take(Math.Max(0, limit - found.Count))], cancellationToken)];
    }

    /// <summary>Lists the versions of a model, newest first; official models list none.</summary>
    /// <param name="owner">The owner of the model.</param>
    /// <param name="name">The name of the model.</param>
    /// <param name="next">The cursor of the previous page.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">
    /// UnknownModel, InvalidRequest for a cursor of another list, or any failure to ask the upstream.
    /// </exception>
    public async Task<ReplicateVersionPage> ListVersionsAsync(
        string owner, string name, string? next, CancellationToken cancellationToken)
    {
        var model = Allowed(owner, name);
        var page = await source.ListVersionsAsync(model, next, cancellationToken);
        catalogue.Shown(model, false, page.Versions.Select(version => version.Id));
        return page;
    }

    /// <summary>Describes a version of a model.</summary>
    /// <exception cref="GenApiException">UnknownModel, or any failure to ask the upstream about a version that is not known.</exception>
    public async Task<ReplicateModelVersion> GetVersionAsync(
        string owner, string name, string version, CancellationToken cancellationToken)
    {
        var model = Allowed(owner, name);
        if (!ModelReference.IsVersion(version))
            throw new GenApiException(ErrorKind.UnknownModel, $"'{model}' has no such version. A version has 64 hexadecimal digits.");
        try
        {
            var found = await client.GetVersionAsync(model.Owner!, model.Name, version.ToLowerInvariant(), cancellationToken);
            var isOfficial = _known.TryGetValue(model.ToString(), out var known) && known.Model.IsOfficial;
            catalogue.Shown(model, isOfficial, [found.Id]);
            return found;
        }
        catch (GenApiException failure) when (failure.Kind != ErrorKind.UnknownModel)
        {
            var pinned = model with { Version = version.ToLowerInvariant() };
            var row = await source.FindAsync(pinned, cancellationToken) ?? await source.FindAsync(model, cancellationToken);
            if (row is not null && row.Version == pinned.Version)
                return VersionOf(row);
            throw;
        }
    }

    /// <summary>Lists the upstream's collections, without their models.</summary>
    /// <param name="next">The cursor of the previous page.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">InvalidRequest for a cursor of another list, or any failure to ask the upstream.</exception>
    public Task<CollectionsPage> ListCollectionsAsync(string? next, CancellationToken cancellationToken) =>
        source.ListCollectionsAsync(next, cancellationToken);

    /// <summary>Reads a collection with those of its models that callers may name.</summary>
    /// <exception cref="GenApiException">NotFound, or any failure to ask the upstream.</exception>
    public async Task<CollectionOfModels> GetCollectionAsync(string slug, CancellationToken cancellationToken)
    {
        var collection = await client.GetCollectionAsync(slug, cancellationToken);
        var models = collection.Models.Where(model => MayName($"{model.Owner}/{model.Name}")).ToList();
        models.ForEach(Shown);
        return collection with { Models = models };
    }

    /// <summary>Lists the machines that the upstream offers.</summary>
    /// <exception cref="GenApiException">Any failure to ask the upstream.</exception>
    public Task<IReadOnlyList<ReplicateHardware>> ListHardwareAsync(CancellationToken cancellationToken) =>
        client.ListHardwareAsync(cancellationToken);

    /// <summary>The models that have an alias, without versions, in the order of their names.</summary>
    private IEnumerable<ModelReference> Named() => catalogue.Aliases.Select(alias => alias.Reference.Unpinned).Distinct()
        .OrderBy(model => model.ToString(), StringComparer.Ordinal);

    private bool MayName(string model) =>
        _options.AllowAny || Named().Any(each => each.ToString().Equals(model, StringComparison.OrdinalIgnoreCase));

    private ModelReference Allowed(string owner, string name)
    {
        var text = $"{owner}/{name}";
        if (!ModelReference.TryParse(text, out var model) || model.IsAlias || model.Version is not null)
            throw new GenApiException(ErrorKind.UnknownModel, "There is no such model. A model is named owner/name.");
        return MayName(model.ToString())
            ? model
            : throw new GenApiException(ErrorKind.UnknownModel, $"'{model}' may not be named here. GET /models lists the models that may.");
    }

    private async Task<List<ModelReference>> MatchesAsync(string words, CancellationToken cancellationToken)
    {
        var parts = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var rows = await source.ListAsync([.. Named().Select(model => model.ToString())], cancellationToken);
        return
        [
            .. catalogue.Aliases.OrderBy(each => each.Alias, StringComparer.OrdinalIgnoreCase)
                .Where(each => Has($"{each.Alias} {each.Reference} {DescriptionOf(each.Reference.Unpinned)}"))
                .Select(each => each.Reference.Unpinned).Distinct(),
        ];

        string? DescriptionOf(ModelReference model) => rows.GetValueOrDefault(model.ToString())?.Description;
        bool Has(string text) => parts.All(part => text.Contains(part, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// Describes several models. One that the upstream does not know is left out; one that can't be asked about has no facts.
    /// </summary>
    private async Task<IReadOnlyList<ReplicateModel>> DescribeAsync(List<ModelReference> models, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        var described = new ReplicateModel?[models.Count];
        var bounds = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(Enumerable.Range(0, models.Count), bounds, async (at, _) =>
        {
            var model = models[at];
            try
            {
                described[at] = await ReadAsync(model, both.Token);
            }
            catch (GenApiException unknown) when (unknown.Kind == ErrorKind.UnknownModel)
            {
                // An alias for a model that is gone; a caller who uses it gets the error.
            }
            catch (Exception failure) when (failure is GenApiException
                || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                described[at] = await FallBackAsync(model, cancellationToken) ?? new() { Owner = model.Owner!, Name = model.Name };
            }
        });
        return [.. described.OfType<ReplicateModel>()];
    }

    private async Task<ReplicateModel> ReadAsync(ModelReference model, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(model.ToString(), out var known) && clock.Now - known.At < _fresh)
            return known.Model;
        try
        {
            // The name that was asked for, so that one model has one name.
            var read = await client.GetModelAsync(model.Owner!, model.Name, cancellationToken) with
            {
                Owner = model.Owner!,
                Name = model.Name,
            };
            if (_known.Count >= MostInMemory)
                _known.Clear();
            _known[model.ToString()] = (read, clock.Now);
            Shown(read);
            return read;
        }
        catch (GenApiException failure) when (failure.Kind != ErrorKind.UnknownModel)
        {
            if (await FallBackAsync(model, cancellationToken) is { } fallback)
                return fallback;
            throw;
        }
    }

    /// <summary>Returns what is known about a model without asking the upstream; null if nothing is.</summary>
    private async Task<ReplicateModel?> FallBackAsync(ModelReference model, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(model.ToString(), out var known))
            return known.Model;
        return await source.FindAsync(model, cancellationToken) is not { } row ? null : new ReplicateModel
        {
            Owner = row.Owner,
            Name = row.Name,
            Description = row.Description,
            IsOfficial = row.IsOfficial,
            RunCount = row.RunCount,
            CoverImageUrl = row.CoverImageUrl,
            LatestVersion = VersionOf(row),
        };
    }

    private void Shown(ReplicateModel model)
    {
        if (model.LatestVersion is { } latest && ModelReference.TryParse($"{model.Owner}/{model.Name}", out var reference))
            catalogue.Shown(reference, model.IsOfficial, [latest.Id]);
    }

    /// <summary>A row has no id for an official model; <c>hidden</c> is what its predictions show.</summary>
    private static ReplicateModelVersion VersionOf(ModelEntry row) => new()
    {
        Id = row.Version ?? "hidden",
        CreatedAt = row.FetchedAt,
        OpenApiSchema = row.Schema is { } schema ? JsonElement.Parse(schema) : null,
    };
}
