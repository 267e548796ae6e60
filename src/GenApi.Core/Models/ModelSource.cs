using System.Text.Json;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Models;

/// <summary>A model and when the upstream was asked about it.</summary>
internal sealed record KnownModel(ResolvedModel Model, DateTimeOffset FetchedAt);

/// <summary>Where knowledge of a model comes from: the rows of earlier days, and the upstream itself.</summary>
internal sealed class ModelSource(
    ReplicateClient client, ReplicateUpstream upstream, IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, TimeProvider time)
{
    /// <summary>What a row tells, however old; null when there is none.</summary>
    /// <exception cref="Errors.GenApiException">StorageUnavailable.</exception>
    public async Task<KnownModel?> LoadAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var (name, text) = (upstream.Name, reference.ToString());
        var entry = await contexts.ReadAsync(
            db => db.Set<ModelEntry>().AsNoTracking().SingleOrDefaultAsync(row => row.Upstream == name && row.Reference == text, cancellationToken),
            cancellationToken);
        return entry is null ? null : Known(entry);
    }

    /// <exception cref="Errors.GenApiException">UnknownModel, or whatever keeps the upstream from answering.</exception>
    public async Task<ModelEntry> FetchAsync(ModelReference reference, CancellationToken cancellationToken)
    {
        var (owner, name) = (reference.Owner!, reference.Name);
        if (reference.Version is { } pinned)
        {
            var version = await client.GetVersionAsync(owner, name, pinned, cancellationToken);
            return Entry(reference, owner, name, pinned, false, version.OpenApiSchema);
        }
        var model = await client.GetModelAsync(owner, name, cancellationToken);
        // Official models answer at their own address, whatever version they name; a community model has no other address than a version.
        var latest = model.IsOfficial ? null : model.LatestVersion?.Id;
        return Entry(reference, model.Owner, model.Name, latest, model.IsOfficial, model.LatestVersion?.OpenApiSchema);
    }

    /// <exception cref="Errors.GenApiException">StorageFull or StorageUnavailable: nothing was written.</exception>
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

    public static KnownModel Known(ModelEntry entry)
    {
        using var schema = entry.Schema is null ? null : JsonDocument.Parse(entry.Schema);
        var input = schema is null ? InputSchema.Unknown : InputSchema.Parse(schema.RootElement);
        return new KnownModel(new ResolvedModel(entry.Owner, entry.Name, entry.Version, input, null), entry.FetchedAt);
    }

    private ModelEntry Entry(ModelReference reference, string owner, string name, string? version, bool official, JsonElement? schema) => new()
    {
        Upstream = upstream.Name,
        Reference = reference.ToString(),
        // The upstream's spelling, so that one model has one name; anything else it might say is not what was asked for.
        Owner = owner.Equals(reference.Owner, StringComparison.OrdinalIgnoreCase) ? owner : reference.Owner!,
        Name = name.Equals(reference.Name, StringComparison.OrdinalIgnoreCase) ? name : reference.Name,
        Version = version,
        IsOfficial = official,
        Schema = schema is { ValueKind: JsonValueKind.Object } document ? document.GetRawText() : null,
        FetchedAt = time.GetUtcNow(),
    };
}
