using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Models.Catalogue;

/// <summary>A model and when the upstream was asked about it.</summary>
/// <param name="Model">Ready to be run.</param>
/// <param name="FetchedAt">When its version and inputs were read, by the <see cref="SteadyClock"/>.</param>
/// <param name="IsDescribed">Whether its row tells what only people need: see <see cref="ModelEntry.DescribedAt"/>.</param>
internal sealed record KnownModel(ResolvedModel Model, DateTimeOffset FetchedAt, bool IsDescribed);

/// <summary>Where knowledge of a model comes from: the rows of earlier days, and the upstream itself.</summary>
internal sealed class ModelSource(
    ReplicateClient client, ReplicateUpstream upstream, IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer,
    TimeProvider time, SteadyClock clock)
{
    /// <summary>What a row tells, however old; null when there is none.</summary>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public async Task<KnownModel?> LoadAsync(ModelReference reference, CancellationToken cancellationToken) =>
        await FindAsync(reference, cancellationToken) is { } entry ? Known(entry) : null;

    /// <inheritdoc cref="LoadAsync"/>
    public Task<ModelEntry?> FindAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var (name, text) = (upstream.Name, reference.ToString());
        return contexts.ReadAsync(
            db => db.Set<ModelEntry>().AsNoTracking().SingleOrDefaultAsync(row => row.Upstream == name && row.Reference == text, cancellationToken),
            cancellationToken);
    }

    /// <summary>The rows of some references, by reference and without their schemas, which are large.</summary>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public async Task<IReadOnlyDictionary<string, ModelEntry>> ListAsync(IReadOnlyCollection<string> references, CancellationToken cancellationToken)
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

    /// <exception cref="GenApiException">UnknownModel, or whatever keeps the upstream from answering.</exception>
    public async Task<ModelEntry> FetchAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var (owner, name) = (reference.Owner!, reference.Name);
        if (reference.Version is { } pinned)
        {
            var version = await client.GetVersionAsync(owner, name, pinned, cancellationToken);
            return Entry(reference, pinned, false, version.OpenApiSchema);
        }
        var model = await client.GetModelAsync(owner, name, cancellationToken);
        // Official models answer at their own address, whatever version they name; a community model has no other address than a version.
        if (!model.IsOfficial && model.LatestVersion is null)
            throw new GenApiException(ErrorKind.UnknownModel, $"Nothing was ever published under '{reference}'.");
        var latest = model.IsOfficial ? null : model.LatestVersion?.Id;
        var entry = Entry(reference, latest, model.IsOfficial, model.LatestVersion?.OpenApiSchema);
        entry.Description = model.Description;
        entry.RunCount = model.RunCount;
        entry.CoverImageUrl = model.CoverImageUrl;
        entry.Example = ModelExample.Of(model.DefaultExample)?.ToJson();
        entry.DescribedAt = entry.FetchedAt;
        return entry;
    }

    /// <summary>What the upstream's search finds, best first.</summary>
    /// <exception cref="GenApiException">Whatever keeps the upstream from answering.</exception>
    public Task<IReadOnlyList<ReplicateModel>> SearchAsync(string words, int limit, CancellationToken cancellationToken) => client.SearchModelsAsync(words, limit, cancellationToken);

    /// <summary>A page of a model's versions, newest first, read from the upstream; official models may list none.</summary>
    /// <param name="reference">Its version does not matter.</param>
    /// <param name="next">Where the page before ended; null: from the newest.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="GenApiException">UnknownModel; InvalidRequest: <paramref name="next"/> is not from a page of this model; or whatever keeps the upstream from answering.</exception>
    public async Task<ReplicateVersionPage> ListVersionsAsync(ModelReference reference, string? next, CancellationToken cancellationToken)
    {
        // Handed out without the upstream's origin, and taken back for this list alone: the address is called with our token.
        var list = $"{upstream.BaseUrl.AbsolutePath.TrimEnd('/')}/v1/models/{reference.Owner}/{reference.Name}/versions?";
        if (next is not null && !next.StartsWith(list, StringComparison.OrdinalIgnoreCase))
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "cursor", "must be the next_cursor of an earlier page.");
        var page = await client.ListVersionsAsync(
            reference.Owner!, reference.Name, next is null ? null : upstream.BaseUrl.GetLeftPart(UriPartial.Authority) + next, cancellationToken);
        return page with { NextUrl = Uri.TryCreate(page.NextUrl, UriKind.Absolute, out var address) ? address.PathAndQuery : null };
    }

    /// <exception cref="GenApiException">StorageFull or StorageUnavailable: nothing was written.</exception>
    public Task SaveAsync(ModelEntry entry, CancellationToken cancellationToken) => writer.WriteAsync(
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
    public Task ForgetAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var (name, text) = (upstream.Name, reference.ToString());
        return writer.WriteAsync(
            (db, token) => db.Set<ModelEntry>().Where(row => row.Upstream == name && row.Reference == text).ExecuteDeleteAsync(token),
            cancellationToken);
    }

    public KnownModel Known(ModelEntry entry)
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
        // As it was asked for, so that one model has one name; anything else that the upstream might say is another model.
        Owner = reference.Owner!,
        Name = reference.Name,
        Version = version,
        IsOfficial = official,
        Schema = schema is { ValueKind: JsonValueKind.Object } document ? document.GetRawText() : null,
        FetchedAt = time.GetUtcNow(),
    };
}
