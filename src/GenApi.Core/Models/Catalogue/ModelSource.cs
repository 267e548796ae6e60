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
        // A cursor is returned without the upstream's origin and accepted for this list alone: the address is called with our token.
        var list = $"{upstream.BaseUrl.AbsolutePath.TrimEnd('/')}/v1/models/{reference.Owner}/{reference.Name}/versions?";
        if (next is not null && !next.StartsWith(list, StringComparison.OrdinalIgnoreCase))
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "cursor", "must be the next_cursor of an earlier page.");
        var page = await client.ListVersionsAsync(
            reference.Owner!, reference.Name, next is null ? null : upstream.BaseUrl.GetLeftPart(UriPartial.Authority) + next,
            cancellationToken);
        return page with { NextUrl = Uri.TryCreate(page.NextUrl, UriKind.Absolute, out var address) ? address.PathAndQuery : null };
    }

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
        return new KnownModel(
            new ResolvedModel(entry.Owner, entry.Name, entry.Version, input, null), clock.FromWall(entry.FetchedAt),
            entry.DescribedAt is not null);
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
