using GenApi.Core.Accounts;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Service;

/// <summary>Reads many images and files that a request names: their rows, the settings they were made with, and their bytes.</summary>
internal sealed class OutputSelection(
    IDbContextFactory<GenApiDbContext> contexts, GenerationAccess access, ImageLibrary images, MissingImages missing, UseCounts uses)
{
    /// <summary>Questions to a remote store at the same time.</summary>
    private const int AskedAtOnce = 8;

    /// <summary>Finds all of them and checks that their bytes are there. Each counts as a use of its generation.</summary>
    /// <returns>The rows, in the order of the names.</returns>
    /// <exception cref="GenApiException">
    /// NotFound, naming the ids that the caller does not see. BlobMissing, naming the ids whose bytes are lost.
    /// </exception>
    public async Task<IReadOnlyList<StoredImage>> FindAsync(
        IReadOnlyList<NamedOutput> named, Caller caller, CancellationToken cancellationToken)
    {
        var ids = named.Select(each => each.Id).ToList();
        var rows = await contexts.ReadAsync(
            db => db.Set<StoredImage>().AsNoTracking().Where(image => ids.Contains(image.Id) && image.BinnedAt == null)
                .ToDictionaryAsync(image => image.Id, cancellationToken), cancellationToken);
        var visible = new Dictionary<Guid, bool>();
        var found = new List<StoredImage>();
        var problems = new NamedOutputProblems();
        foreach (var name in named)
        {
            if (rows.TryGetValue(name.Id, out var image) && image.IsImage == name.IsImage
                && await SeesAsync(image.GenerationId, visible, caller, cancellationToken))
                found.Add(image);
            else
                problems.Unknown(name);
        }
        problems.ThrowIfAny();
        var isThere = new bool[found.Count];
        var at = new ParallelOptions { MaxDegreeOfParallelism = AskedAtOnce, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, found.Count, at, async (each, token) => isThere[each] = await images.HasAsync(found[each], token));
        for (var each = 0; each < isThere.Length; each++)
        {
            if (!isThere[each])
                await AddMissingAsync(named[each], found[each], problems, cancellationToken);
        }
        problems.ThrowIfAny();
        found.ForEach(image => uses.Used(image.GenerationId));
        return found;
    }

    /// <summary>Reads what these generations were asked for; those that are gone are left out.</summary>
    public Task<Dictionary<Guid, OutputSettings>> SettingsOfAsync(
        IReadOnlyCollection<Guid> generationIds, CancellationToken cancellationToken) =>
        contexts.ReadAsync(
            db => db.Set<Generation>().AsNoTracking().Where(row => generationIds.Contains(row.Id))
                .Select(row => new { row.Id, Settings = new OutputSettings(row.Prompt, row.Input, row.Model, row.Version, row.Seed) })
                .ToDictionaryAsync(row => row.Id, row => row.Settings, cancellationToken), cancellationToken);

    /// <summary>Opens the bytes of an image or file that <see cref="FindAsync"/> found a while ago; the caller disposes them.</summary>
    /// <exception cref="GenApiException">NotFound: it was deleted meanwhile. BlobMissing: its bytes are lost.</exception>
    public async ValueTask<BlobContent> OpenAsync(StoredImage image, CancellationToken cancellationToken) =>
        await images.FindAsync(image.Id, image.IsImage, cancellationToken) is null
            ? throw new GenApiException(ErrorKind.NotFound, $"{image.PublicId} was deleted meanwhile.")
            : await images.OpenOnceAsync(image, cancellationToken);

    private async ValueTask<bool> SeesAsync(
        Guid generationId, Dictionary<Guid, bool> visible, Caller caller, CancellationToken cancellationToken)
    {
        if (!visible.TryGetValue(generationId, out var sees))
            visible[generationId] = sees = await access.SeesAsync(caller, generationId, cancellationToken);
        return sees;
    }

    /// <summary>Finds out why the bytes are not there, and records the loss: the next request for the image makes it again.</summary>
    private async Task AddMissingAsync(
        NamedOutput name, StoredImage image, NamedOutputProblems problems, CancellationToken cancellationToken)
    {
        try
        {
            (await images.OpenAsync(image, cancellationToken)).Dispose();
        }
        catch (GenApiException gone) when (gone.Kind == ErrorKind.NotFound)
        {
            problems.Unknown(name);
        }
        catch (GenApiException lost) when (lost.Kind == ErrorKind.BlobMissing)
        {
            await missing.MissingAsync(image, CancellationToken.None);
            problems.Add(
                ErrorKind.BlobMissing, name,
                $"{name.PublicId} is known, but its bytes are missing from the store. Leave it out, or send the same request to make it "
                + "again.");
        }
    }
}

/// <summary>The settings that an image or file was made with.</summary>
/// <param name="Prompt">The prompt.</param>
/// <param name="Input">The whole input as a JSON object, in the model's own names.</param>
/// <param name="Model"><c>owner/name</c>.</param>
/// <param name="Version">64 hexadecimal digits; null for official models.</param>
/// <param name="Seed">The seed; null if the model takes none.</param>
internal sealed record OutputSettings(string Prompt, string Input, string Model, string? Version, long? Seed);
