using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Removal;

/// <summary>Cancelling and deleting: what a caller or retention ends, as against what ends by itself; and pinning, which holds retention off.</summary>
internal sealed class CancelAndDelete(
    DatabaseWriter writer, GenerationCache cache, GenerationSignals signals, GenerationQueue queue, ImageLibrary images, GenerationAccess sight, GenerationGrants grants,
    AuditLog audit)
{
    private const string CancelAct = "generation.cancel", DeleteAct = "generation.delete";

    private const string StoringNow =
        "The model has finished and its files are being stored, so nothing is left to cancel. Wait for them, or delete the generation.";

    public ImageLibrary Images => images;

    /// <returns>Whether it had finished already; null when there is no such generation for the caller.</returns>
    /// <exception cref="GenApiException">Conflict: the model has finished, and its files are being stored.</exception>
    public async Task<bool?> CancelAsync(Guid id, Caller caller, string from, CancellationToken cancellationToken)
    {
        var found = await EndAsync(id, caller, from, CancelAct, static (row, now) => row.RequestCancel(now), cancellationToken);
        if (found is { WasFinished: false, Reach: AccessLevel.OwnView })
            grants.Forget(caller.AccountId, id);
        signals.Changed(id);
        return found?.WasFinished;
    }

    /// <returns>False when there is no such generation for the caller.</returns>
    public async Task<bool> DeleteAsync(Guid id, Caller caller, string from, CancellationToken cancellationToken)
    {
        if (await EndAsync(id, caller, from, DeleteAct, static (row, now) => row.RequestDelete(now), cancellationToken) is not { } found)
            return false;
        if (found.Reach == AccessLevel.OwnView)
        {
            if (found.WasFinished)
                await LetGoAsync(found.Row, caller, cancellationToken);
            grants.Forget(caller.AccountId, id);
            signals.Changed(id);
            return true;
        }
        if (found.WasFinished)
        {
            AuditEntry? entry = null;
            await queue.RemoveAsync(id, async (db, token) => entry = await AuditAsync(db, found.Row, caller, from, DeleteAct, token), cancellationToken);
            audit.Done(entry);
        }
        else if (found.Row.Status.IsTerminal())
        {
            await queue.RemoveAsync(id, null, cancellationToken);
        }
        cache.Remove(found.Row);
        signals.Changed(id);
        return true;
    }

    /// <summary>Those of the rows that are still to go, with all that belongs to them, in one transaction.</summary>
    /// <param name="choose">Asked in the writer, so nobody can come between.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>How many.</returns>
    public async Task<int> RemoveAsync(Func<GenApiDbContext, IQueryable<Generation>> choose, CancellationToken cancellationToken)
    {
        var (rows, removed) = await writer.FreeAsync(async (db, token) =>
        {
            var gone = await choose(db).ToListAsync(token);
            var ids = gone.Select(row => row.Id).ToList();
            var pictures = await ImageLibrary.RemoveRowsAsync(db, ids, token);
            await WebhookOutbox.RemoveAsync(db, ids, token);
            await GenerationGrants.RemoveAsync(db, [.. gone.Select(row => row.Number)], token);
            await db.Set<Generation>().Where(row => ids.Contains(row.Id)).ExecuteDeleteAsync(token);
            return (gone, pictures);
        }, cancellationToken);
        foreach (var row in rows)
        {
            cache.Remove(row);
            signals.Changed(row.Id);
        }
        await images.ForgetAsync(removed, CancellationToken.None);
        return rows.Count;
    }

    /// <returns>As it is now; null when there is no such generation for the caller.</returns>
    /// <exception cref="GenApiException">Forbidden: others were given it too, or it was made for another.</exception>
    public async Task<GenerationDetails?> PinAsync(Guid id, bool isPinned, Caller caller, string from, CancellationToken cancellationToken)
    {
        var (details, changed, entry) = await writer.WriteAsync<(GenerationDetails?, bool, AuditEntry?)>(async (db, token) =>
        {
            var row = await db.Set<Generation>().FirstOrDefaultAsync(each => each.Id == id && each.DeleteRequestedAt == null, token);
            var reach = row is null ? AccessLevel.Nothing : await sight.ReachAsync(db, caller, row, token);
            if (row is null || reach == AccessLevel.Nothing)
                return (null, false, null);
            if (reach == AccessLevel.OwnView)
                throw new GenApiException(ErrorKind.Forbidden, "The generation was made for another key, which alone can pin it.");
            var changes = row.Pin(isPinned);
            AuditEntry? added = null;
            if (changes)
            {
                row.Touch();
                added = await AuditAsync(db, row, caller, from, isPinned ? "generation.pin" : "generation.unpin", token);
            }
            await db.SaveChangesAsync(token);
            return (await GenerationReader.WithImagesAsync(db, row, token), changes, added);
        }, cancellationToken);
        audit.Done(entry);
        if (changed)
        {
            // Whoever asks next reads it anew.
            cache.Remove(details!.Generation);
            signals.Changed(id);
        }
        return details;
    }

    /// <param name="id">Of an image or a file.</param>
    /// <param name="isImage">Which of the two it was called.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="from">Where the caller comes from.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>False when there is no such thing for the caller.</returns>
    /// <exception cref="GenApiException">Forbidden: others were given it too. Conflict: others still wait for the generation.</exception>
    public async Task<bool> DeleteOutputAsync(Guid id, bool isImage, Caller caller, string from, CancellationToken cancellationToken)
    {
        var (removed, owner, entry) = await writer.FreeAsync<(StoredImage?, Generation?, AuditEntry?)>(async (db, token) =>
        {
            var image = await ImageLibrary.FindAsync(db, id, token) is { } found && found.IsImage == isImage ? found : null;
            var row = image is null ? null : await db.Set<Generation>().FirstOrDefaultAsync(each => each.Id == image.GenerationId, token);
            var reach = row is not null ? await sight.ReachToEndAsync(db, caller, row, token)
                : caller.SeesAll ? AccessLevel.Thing : AccessLevel.Nothing;
            if (image is null || reach == AccessLevel.Nothing)
                return (null, null, null);
            if (reach == AccessLevel.OwnView && row!.IsOwnOf(caller.AccountId))
                throw Conflict(row.Id, $"Other keys wait for the generation of this {image.Word}. Delete the {image.Word} when the generation has finished.");
            if (reach == AccessLevel.OwnView)
                throw new GenApiException(ErrorKind.Forbidden, $"The {image.Word} was made for another key, which alone can delete it. DELETE /generations/{{id}} takes the whole generation out of your sight.");
            await ImageLibrary.RemoveRowAsync(db, id, token);
            if (row is not null)
            {
                row.MarkIncomplete();
                row.Touch();
            }
            var added = row is null
                ? null
                : await audit.AddAsync(db, caller, from, $"{image.Word}.delete", image.PublicId, row.OwnerId, $"of {PublicId.Format(PublicId.Generation, row.Id)}", token);
            await db.SaveChangesAsync(token);
            return (image, row, added);
        }, cancellationToken);
        audit.Done(entry);
        if (owner is not null)
            cache.Remove(owner);
        if (removed is not null)
            await images.ForgetAsync([removed], CancellationToken.None);
        return removed is not null;
    }

    /// <summary>
    /// What nobody has taken up yet ends on the spot; what runs is asked to end. While other accounts wait for it too, only the
    /// caller's own part ends.
    /// </summary>
    private async Task<(Generation Row, bool WasFinished, AccessLevel Reach)?> EndAsync(
        Guid id, Caller caller, string from, string act, Action<Generation, DateTimeOffset> request, CancellationToken cancellationToken)
    {
        var ended = false;
        AuditEntry? entry = null;
        var found = await writer.FreeAsync<(Generation, bool, AccessLevel)?>(async (db, token) =>
        {
            var row = await db.Set<Generation>().FirstOrDefaultAsync(each => each.Id == id && each.DeleteRequestedAt == null, token);
            var reach = row is null ? AccessLevel.Nothing : await sight.ReachToEndAsync(db, caller, row, token);
            if (row is null || reach == AccessLevel.Nothing)
                return null;
            if (row.Status.IsTerminal())
                return (row, true, reach);
            // The run is paid for. To drop its files would only make the next request for them pay again.
            if (act == CancelAct && row.Status == GenerationStatus.Storing)
                throw Conflict(id, StoringNow);
            var now = queue.Timelines.Of(row).Now;
            if (reach == AccessLevel.OwnView)
            {
                await LetGoAsync(db, row, caller, now, token);
                return (row, false, reach);
            }
            var before = GenerationMoment.Of(row);
            var asked = (row.CancelRequestedAt, row.DeleteRequestedAt);
            request(row, now);
            entry = asked == (row.CancelRequestedAt, row.DeleteRequestedAt) ? null : await AuditAsync(db, row, caller, from, act, token);
            ended = row.Status == GenerationStatus.Queued && !row.IsUncertain && row.Lease.Owner is null;
            if (ended)
                row.MarkCanceled(now);
            row.Touch();
            await db.SaveChangesAsync(token);
            if (ended)
                await GenerationLedger.BookAsync(db, row, images: 0, token);
            if (row.DeleteRequestedAt is not null)
                await WebhookOutbox.RemoveAsync(db, id, token);
            else
                await queue.News.TellAsync(db, row, before, token);
            return (row, false, reach);
        }, cancellationToken);
        audit.Done(entry);
        if (ended)
        {
            queue.News.Told(found!.Value.Item1);
            await queue.FinishedAsync(found.Value.Item1, CancellationToken.None);
        }
        return found;
    }

    private Task<AuditEntry?> AuditAsync(GenApiDbContext db, Generation row, Caller caller, string from, string act, CancellationToken cancellationToken) =>
        audit.AddAsync(db, caller, from, act, PublicId.Format(PublicId.Generation, row.Id), row.OwnerId, null, cancellationToken);

    private static GenApiException Conflict(Guid id, string why) => new(ErrorKind.Conflict, why) { GenerationId = id };

    private Task LetGoAsync(Generation row, Caller caller, CancellationToken cancellationToken) =>
        writer.WriteAsync((db, token) => LetGoAsync(db, row, caller, queue.Timelines.Of(row).Now, token), cancellationToken);

    /// <summary>
    /// The caller no longer sees it and gets no more notifications of it. An account that made it goes on paying for what it asked for.
    /// </summary>
    private async Task LetGoAsync(
        GenApiDbContext db, Generation row, Caller caller, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (row.IsOwnOf(caller.AccountId))
        {
            row.LeaveToOthers(now);
            row.Touch();
            await db.SaveChangesAsync(cancellationToken);
        }
        await grants.RevokeAsync(db, row, caller.AccountId, cancellationToken);
        await WebhookOutbox.RemoveAsync(db, row.Id, caller.AccountId, cancellationToken);
    }
}
