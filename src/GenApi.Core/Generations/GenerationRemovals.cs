using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations;

/// <summary>Cancelling and deleting: what a caller ends, as against what ends by itself.</summary>
internal sealed class GenerationRemovals(DatabaseWriter writer, GenerationCache cache, GenerationSignals signals, GenerationQueue queue, ImageLibrary images)
{
    public ImageLibrary Images => images;

    /// <returns>Whether it had finished already; null when there is no such generation.</returns>
    public async Task<bool?> CancelAsync(Guid id, CancellationToken cancellationToken)
    {
        var found = await EndAsync(id, static (row, now) => row.RequestCancel(now), cancellationToken);
        signals.Changed(id);
        return found?.WasFinished;
    }

    /// <returns>False when there is no such generation.</returns>
    public async Task<bool> DeleteAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await EndAsync(id, static (row, now) => row.RequestDelete(now), cancellationToken) is not { } found)
            return false;
        if (found.Row.Status.IsTerminal())
            await queue.RemoveAsync(id, cancellationToken);
        cache.Remove(found.Row);
        signals.Changed(id);
        return true;
    }

    /// <returns>False when there is no such image.</returns>
    public async Task<bool> DeleteImageAsync(Guid id, CancellationToken cancellationToken)
    {
        var (removed, owner) = await writer.WriteAsync(async (db, token) =>
        {
            var image = await ImageLibrary.RemoveRowAsync(db, id, token);
            var row = image is null ? null : await db.Set<Generation>().FirstOrDefaultAsync(each => each.Id == image.GenerationId, token);
            if (row is not null)
            {
                row.MarkIncomplete();
                row.Touch();
                await db.SaveChangesAsync(token);
            }
            return (image, row);
        }, cancellationToken);
        if (owner is not null)
            cache.Remove(owner);
        if (removed is not null)
            await images.ForgetAsync([removed], CancellationToken.None);
        return removed is not null;
    }

    /// <summary>What nobody has taken up yet ends on the spot; what runs is asked to end.</summary>
    private async Task<(Generation Row, bool WasFinished)?> EndAsync(Guid id, Action<Generation, DateTimeOffset> request, CancellationToken cancellationToken)
    {
        var ended = false;
        var found = await writer.WriteAsync<(Generation, bool)?>(async (db, token) =>
        {
            var row = await db.Set<Generation>().FirstOrDefaultAsync(each => each.Id == id && each.DeleteRequestedAt == null, token);
            if (row is null)
                return null;
            if (row.Status.IsTerminal())
                return (row, true);
            var now = queue.Time.GetUtcNow();
            var before = GenerationMoment.Of(row);
            request(row, now);
            ended = row.Status == GenerationStatus.Queued && !row.IsUncertain && row.Lease.Owner is null;
            if (ended)
                row.MarkCanceled(now);
            row.Touch();
            await db.SaveChangesAsync(token);
            if (row.DeleteRequestedAt is not null)
                await WebhookOutbox.RemoveAsync(db, id, token);
            else
                await queue.News.TellAsync(db, row, before, token);
            return (row, false);
        }, cancellationToken);
        if (ended)
        {
            queue.News.Told(found!.Value.Item1);
            await queue.FinishedAsync(found.Value.Item1, CancellationToken.None);
        }
        return found;
    }
}
