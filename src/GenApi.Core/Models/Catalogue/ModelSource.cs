using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Models.Catalogue;

/// <summary>A model, and when the upstream was asked about it.</summary>
/// <param name="Model">Ready to run.</param>
/// <param name="FetchedAt">When its version and inputs were read, by the <see cref="SteadyClock"/>.</param>
/// <param name="IsDescribed">Whether its row has the description for people: see <see cref="ModelEntry.DescribedAt"/>.</param>
internal sealed record KnownModel(ResolvedModel Model, DateTimeOffset FetchedAt, bool IsDescribed);

/// <summary>Reads what is known about models, from stored rows and from the upstream.</summary>
public sealed class ModelSource(
    ReplicateClient client, ReplicateUpstream upstream, IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer,
    TimeProvider time, SteadyClock clock)
{
    /// <summary>Reads a model's row, however old; null if there is none.</summary>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    internal async Task<KnownModel?> LoadAsync(ModelReference reference, CancellationToken cancellationToken) =>
        await FindAsync(reference, cancellationToken) is { } entry ? Known(entry) : null;

    /// <inheritdoc cref="LoadAsync"/>
    internal Task<ModelEntry?> FindAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var (name, text) = (upstream.Name, reference.ToString());
        return contexts.ReadAsync(
            db => db.Set<ModelEntry>().AsNoTracking()
                .SingleOrDefaultAsync(row => row.Upstream == name && row.Reference == text, cancellationToken),
            cancellationToken);
    }

    /// <summary>Reads the rows of several references, without their schemas, which are large.</summary>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    internal async Task<IReadOnlyDictionary<string, ModelEntry>> ListAsync(
        IReadOnlyCollection<string> references, CancellationToken cancellationToken)
    {
        var name = upstream.Name;
        var rows = await contexts.ReadAsync(
            db => db.Set<ModelEntry>().AsNoTracking()
                .Where(row => row.Upstream == name && references.Contains(row.Reference))
                .Select(row => new ModelEntry
                {
                    Upstream = row.Upstream,
                    Reference = row.Reference,
                    Owner = row.Owner,
                    Name = row.Name,
                    Version = row.Version,
                    IsOfficial = row.IsOfficial,
                    Schema = null,
                    FetchedAt = row.FetchedAt,
                    Description = row.Description,
                    RunCount = row.RunCount,
                    CoverImageUrl = row.CoverImageUrl,
                    DescribedAt = row.DescribedAt,
                })
                .ToListAsync(cancellationToken),
            cancellationToken);
        return rows.ToDictionary(row => row.Reference, StringComparer.Ordinal);
    }

    /// <exception cref="GenApiException">UnknownModel, or any failure to ask the upstream.</exception>
    internal async Task<ModelEntry> FetchAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var (owner, name) = (reference.Owner!, reference.Name);
        if (reference.Version is { } pinned)
        {
            var version = await client.GetVersionAsync(owner, name, pinned, cancellationToken);
            return Entry(reference, pinned, false, version.OpenApiSchema);
        }
        var model = await client.GetModelAsync(owner, name, cancellationToken);
        // Official models have their own address, whatever version they name; a community model can only be run by a version.
        if (!model.IsOfficial && model.LatestVersion is null)
            throw new GenApiException(ErrorKind.UnknownModel, $"No version was ever published under '{reference}'.");
        var latest = model.IsOfficial ? null : model.LatestVersion?.Id;
        var entry = Entry(reference, latest, model.IsOfficial, model.LatestVersion?.OpenApiSchema);
        entry.Description = model.Description;
        entry.RunCount = model.RunCount;
        entry.CoverImageUrl = model.CoverImageUrl;
        entry.Example = ModelExample.Of(model.DefaultExample)?.ToJson();
        entry.DescribedAt = entry.FetchedAt;
        return entry;
    }

    /// <summary>Finds the model of a version among the stored rows.</summary>
    /// <returns><c>owner/name:version</c>; null if there is none.</returns>
    internal Task<string?> FindNameAsync(string version, CancellationToken cancellationToken)
    {
        var name = upstream.Name;
        return contexts.ReadAsync(
            db => db.Set<ModelEntry>().AsNoTracking().Where(row => row.Upstream == name && row.Version == version)
                .OrderBy(row => row.Reference).Select(row => row.Owner + "/" + row.Name + ":" + version)
                .FirstOrDefaultAsync(cancellationToken),
            cancellationToken);
    }

    /// <summary>Lists the models whose rows were read last, as <c>owner/name</c>.</summary>
    internal Task<List<string>> ListNamesAsync(int most, CancellationToken cancellationToken)
    {
        var name = upstream.Name;
        return contexts.ReadAsync(
            async db => (await db.Set<ModelEntry>().AsNoTracking().Where(row => row.Upstream == name)
                .OrderByDescending(row => row.FetchedAt).Select(row => row.Owner + "/" + row.Name).Take(most)
                .ToListAsync(cancellationToken)).Distinct().ToList(),
            cancellationToken);
    }

    /// <summary>Finds the model of a version among the latest runs of the account.</summary>
    /// <returns><c>owner/name:version</c>; null if there is none.</returns>
    /// <exception cref="GenApiException">Any failure to ask the upstream.</exception>
    internal async Task<string?> FindRunAsync(string version, CancellationToken cancellationToken)
    {
        var page = await client.ListAsync(null, null, null, cancellationToken);
        var run = page.Predictions.FirstOrDefault(each => each.Version == version && each.Model is not null);
        return ModelReference.TryParse($"{run?.Model}:{version}", out var model) && !model.IsAlias ? model.ToString() : null;
    }

    /// <summary>Returns the results of the upstream's search, best first.</summary>
    /// <exception cref="GenApiException">Any failure to ask the upstream.</exception>
    internal Task<IReadOnlyList<ReplicateModel>> SearchAsync(string words, int limit, CancellationToken cancellationToken) =>
        client.SearchModelsAsync(words, limit, cancellationToken);

    /// <summary>Reads a page of a model's versions from the upstream, newest first; official models may list none.</summary>
    /// <param name="reference">Its version does not matter.</param>
    /// <param name="next">The cursor of the previous page; null: from the newest.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">
    /// UnknownModel; InvalidRequest: <paramref name="next"/> is not from a page of this model; or any failure to ask the upstream.
    /// </exception>
    internal async Task<ReplicateVersionPage> ListVersionsAsync(ModelReference reference, string? next, CancellationToken cancellationToken)
    {
        var address = AddressOf($"models/{reference.Owner}/{reference.Name}/versions", next);
        var page = await client.ListVersionsAsync(reference.Owner!, reference.Name, address, cancellationToken);
        return page with { NextUrl = CursorOf(page.NextUrl) };
    }

    /// <summary>Reads a page of the upstream's collections, without their models.</summary>
    /// <param name="next">The cursor of the previous page; null: from the beginning.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="GenApiException">
    /// InvalidRequest: <paramref name="next"/> is not from a page of collections; or any failure to ask the upstream.
    /// </exception>
    internal async Task<CollectionsPage> ListCollectionsAsync(string? next, CancellationToken cancellationToken)
    {
        var page = await client.ListCollectionsAsync(AddressOf("collections", next), cancellationToken);
        return page with { NextUrl = CursorOf(page.NextUrl) };
    }

    /// <summary>
    /// Returns the address of the next page of a list. A cursor has no origin and is accepted for its own list alone: the address is called
    /// with our token.
    /// </summary>
    private string? AddressOf(string list, string? next)
    {
        if (next is null)
            return null;
        return next.StartsWith($"{upstream.BaseUrl.AbsolutePath.TrimEnd('/')}/v1/{list}?", StringComparison.OrdinalIgnoreCase)
            ? upstream.BaseUrl.GetLeftPart(UriPartial.Authority) + next
            : throw GenApiException.ForMember(ErrorKind.InvalidRequest, "cursor", "must be the next_cursor of an earlier page.");
    }

    private static string? CursorOf(string? nextUrl) =>
        Uri.TryCreate(nextUrl, UriKind.Absolute, out var address) ? address.PathAndQuery : null;

    /// <exception cref="GenApiException">StorageFull or StorageUnavailable: nothing was written.</exception>
    internal Task SaveAsync(ModelEntry entry, CancellationToken cancellationToken) => writer.WriteAsync(
        async (db, token) =>
        {
            var row = await db.Set<ModelEntry>().FindAsync([entry.Upstream, entry.Reference], token);
            if (row is null)
                db.Add(entry);
            else
                db.Entry(row).CurrentValues.SetValues(entry);
            await db.SaveChangesAsync(token);
        },
        cancellationToken);

    /// <inheritdoc cref="SaveAsync"/>
    internal Task ForgetAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var (name, text) = (upstream.Name, reference.ToString());
        return writer.WriteAsync(
            (db, token) => db.Set<ModelEntry>().Where(row => row.Upstream == name && row.Reference == text).ExecuteDeleteAsync(token),
            cancellationToken);
    }

    internal KnownModel Known(ModelEntry entry)
    {
        using var schema = entry.Schema is null ? null : JsonDocument.Parse(entry.Schema);
        var input = schema is null ? InputSchema.Unknown : InputSchema.Parse(schema.RootElement);
        IReadOnlyList<string> examples = entry.Example is null ? [] : ModelExample.Parse(entry.Example).Output;
        var model = new ResolvedModel(entry.Owner, entry.Name, entry.Version, input, null)
        {
            MayMakeImages = ImageMakers.MayMakeImages(schema?.RootElement, examples),
            MakesFiles = ImageMakers.MakesFiles(schema?.RootElement),
        };
        return new KnownModel(model, clock.FromWall(entry.FetchedAt), entry.DescribedAt is not null);
    }

    private ModelEntry Entry(ModelReference reference, string? version, bool official, JsonElement? schema) => new()
    {
        Upstream = upstream.Name,
        Reference = reference.ToString(),
        // The name that was asked for, so that one model has one name; any other name in the answer is another model.
        Owner = reference.Owner!,
        Name = reference.Name,
        Version = version,
        IsOfficial = official,
        Schema = schema is { ValueKind: JsonValueKind.Object } document ? document.GetRawText() : null,
        FetchedAt = time.GetUtcNow(),
    };
}
