using GenApi.Core.Blobs;
using GenApi.Core.Cluster;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Checks;

/// <summary>
/// Repairs rows and bytes. Rows whose bytes are missing stay, with the day on which that was noticed: they describe the image, and serve it
/// again when the file comes back from a backup. Damaged bytes go to quarantine and are never deleted.
/// </summary>
public sealed class CheckRepair(
    DatabaseWriter writer, ImageLibrary images, IBlobMaintenance maintenance, ICluster cluster)
{
    /// <inheritdoc cref="IBlobUser.MarkLostAsync"/>
    public Task<bool> MarkLostAsync(IBlobUser user, Guid id, DateTimeOffset? since, CancellationToken cancellationToken) =>
        writer.WriteAsync((db, token) => user.MarkLostAsync(db, id, since, token), cancellationToken);

    /// <summary>Removes a blob without a row.</summary>
    /// <returns>The action in words.</returns>
    public async Task<string> RemoveAsync(BlobInfo orphan, bool isSuspicious, CancellationToken cancellationToken)
    {
        if (!isSuspicious)
        {
            await images.DeleteUnusedAsync(orphan.Key, cancellationToken);
            return cluster.IsShared ? "will be deleted in an hour, unless a row needs it by then" : "deleted";
        }
        await maintenance.QuarantineAsync(orphan.Key, cancellationToken);
        return "moved to quarantine, because more than half of all blobs have no row: is this the right database?";
    }

    /// <summary>Withdraws generations with a lost image as answers: the next request makes the image again.</summary>
    public async Task RetireAnswersAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        if (!repair)
            return;
        await writer.WriteAsync(async (db, token) =>
        {
            var answers = await db.Set<Generation>()
                .Where(row => row.IsAnswer && db.Set<StoredImage>().Any(image => image.GenerationId == row.Id && image.LostAt != null))
                .ToListAsync(token);
            foreach (var row in answers)
            {
                row.MarkIncomplete();
                row.Touch();
            }
            await db.SaveChangesAsync(token);
            report.Note("answers_retired", answers.Count, $"{answers.Count} generations with a lost image answer no further request.");
        }, cancellationToken);
    }
}
