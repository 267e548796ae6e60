using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations;

/// <summary>An unfinished generation needs the bytes of its input files, whatever becomes of the image or upload they came from.</summary>
internal sealed class GenerationBlobs : IBlobUser
{
    // A hash in a text: only the unfinished rows are looked through, which have an index of their own.
    public Task<bool> UsesAsync(GenApiDbContext db, string blobKey, CancellationToken cancellationToken) =>
        db.Set<Generation>().AnyAsync(generation => generation.CompletedAt == null && generation.InputFiles != null && generation.InputFiles.Contains(blobKey), cancellationToken);
}
