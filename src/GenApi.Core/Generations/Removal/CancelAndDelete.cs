using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Webhooks;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Removal;

/// <summary>Cancels, deletes and pins generations for callers. Pinning keeps retention away from one.</summary>
internal sealed class CancelAndDelete(
    DatabaseWriter writer, GenerationCache cache, GenerationSignals signals, GenerationTimelines timelines,
    GenerationNotifications notifications, GenerationRemover remover, GenerationFinisher finisher, ImageLibrary images,
    GenerationAccess access, GenerationGrants grants, GenerationChanges changes, AuditLog audit)
{
    private const string CancelAct = "generation.cancel", DeleteAct = "generation.delete";

    private const string StoringNow =
        "The model has finished and its files are being stored, so nothing is left to cancel. Wait for them, or delete the generation.";

    /// <summary>Cancels a generation.</summary>
    /// <returns>Whether it had finished already; null when there is no such generation for the caller.</returns>
    /// <exception cref="GenApiException">Conflict: the model has finished, and its files are being stored.</exception>
    public async Task<bool?> CancelAsync(Guid id, Caller caller, string from, CancellationToken cancellationToken)
    {
        var found = await EndAsync(id, caller, from, CancelAct, static (row, now) => row.RequestCancel(now), cancellationToken);
        if (found is { WasFinished: false, Level: AccessLevel.OwnView })
            Forget(id, caller);
        signals.Changed(id);
        return found?.WasFinished;
    }

    /// <summary>Deletes a generation.</summary>
    /// <returns>False when there is no such generation for the caller.</returns>
    public async Task<bool> DeleteAsync(Guid id, Caller caller, string from, CancellationToken cancellationToken)
    {
        if (await EndAsync(id, caller, from, DeleteAct, static (row, now) => row.RequestDelete(now), cancellationToken) is not { } found)
            return false;
        if (found.Level == AccessLevel.OwnView)
        {
            if (found.WasFinished)
                await LeaveAsync(found.Row, caller, cancellationToken);
            Forget(id, caller);
            signals.Changed(id);
            return true;
        }
        if (found.WasFinished)
        {
            var entry = await remover.RemoveAsync(
                id, (db, token) => AuditAsync(db, found.Row, caller, from, DeleteAct, token), cancellationToken);
            audit.LogCommitted(entry);
        }
        else if (found.Row.Status.IsTerminal())
        {
            await remover.RemoveAsync(id, cancellationToken);
        }
        cache.Remove(found.Row);
        changes.Removed(id, found.Accounts);
        signals.Changed(id);
        return true;
    }

    /// <summary>Pins a generation, or takes the pin away.</summary>
    /// <returns>The generation as it is now; null when there is no such generation for the caller.</returns>
    /// <exception cref="GenApiException">Forbidden: other accounts see it too, or it was made for another.</exception>
    public async Task<GenerationDetails?> PinAsync(Guid id, bool isPinned, Caller caller, string from, CancellationToken cancellationToken)
    {
        var (details, changed, entry) = await writer.WriteAsync<(GenerationDetails?, bool, AuditEntry?)>(async (db, token) =>
        {
            var row = await db.Set<Generation>().FirstOrDefaultAsync(each => each.Id == id && each.DeleteRequestedAt == null, token);
            var level = row is null ? AccessLevel.None : await access.LevelAsync(db, caller, row, token);
            if (row is null || level == AccessLevel.None)
                return (null, false, null);
            if (level == AccessLevel.OwnView)
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
        audit.LogCommitted(entry);
        if (changed)
        {
            // The next reader reads the row again.
            cache.Remove(details!.Generation);
            signals.Changed(id);
        }
        return details;
    }

    /// <summary>Deletes one image or file of a generation at once, also one that is in the bin.</summary>
    /// <param name="id">Of the image or file.</param>
    /// <param name="isImage">True if the caller named an image.</param>
    /// <param name="caller">The caller that asks.</param>
    /// <param name="from">The address of the caller.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>False when there is no such image or file for the caller.</returns>
    /// <exception cref="GenApiException">
    /// Forbidden: other accounts see it too. Conflict: other accounts still wait for the generation.
    /// </exception>
    public async Task<bool> DeleteOutputAsync(Guid id, bool isImage, Caller caller, string from, CancellationToken cancellationToken)
    {
        var (removed, owner, entry) = await writer.FreeAsync<(RemovedImage?, Generation?, AuditEntry?)>(async (db, token) =>
        {
            var image = await ImageLibrary.FindAsync(db, id, token) is { } found && found.IsImage == isImage ? found : null;
            var row = image is null ? null : await db.Set<Generation>().FirstOrDefaultAsync(each => each.Id == image.GenerationId, token);
            var level = row is not null ? await access.LevelToEndAsync(db, caller, row, token)
                : caller.SeesAll ? AccessLevel.Full : AccessLevel.None;
            // What is in the bin shows only to those who may delete it.
            if (image is null || level == AccessLevel.None || (image.IsBinned && level != AccessLevel.Full))
                return (null, null, null);
            if (level == AccessLevel.OwnView)
                throw NotDeletable(image, row!, caller);
            var gone = await ImageLibrary.RemoveRowAsync(db, id, token);
            if (row is not null)
            {
                row.MarkIncomplete();
                row.Touch();
            }
            var added = row is null
                ? null
                : await audit.AddAsync(
                    db, caller, from, $"{image.Word}.delete", image.PublicId, row.OwnerId, $"of {row.PublicId}", token);
            await db.SaveChangesAsync(token);
            return (gone, row, added);
        }, cancellationToken);
        audit.LogCommitted(entry);
        if (owner is not null)
            cache.Remove(owner);
        if (removed is not null)
            await images.ForgetAsync([removed], CancellationToken.None);
        if (removed is not null && owner is not null)
        {
            changes.OutputRemoved(id, isImage, owner.Id);
            signals.Changed(owner.Id);
        }
        return removed is not null;
    }

    /// <summary>
    /// Ends at once what no process has claimed yet, and asks what runs to end. While other accounts wait for it too, only the caller's own
    /// part ends.
    /// </summary>
    private async Task<Ending?> EndAsync(
        Guid id, Caller caller, string from, string act, Action<Generation, DateTimeOffset> request, CancellationToken cancellationToken)
    {
        var ending = await writer.FreeAsync(
            (db, token) => EndAsync(db, id, caller, from, act, request, token), cancellationToken);
        audit.LogCommitted(ending?.Entry);
        if (ending is { EndedNow: true })
        {
            notifications.WakeSender(ending.Row);
            await finisher.FinishedAsync(ending.Row, CancellationToken.None);
        }
        return ending;
    }

    private async Task<Ending?> EndAsync(
        GenApiDbContext db, Guid id, Caller caller, string from, string act, Action<Generation, DateTimeOffset> request,
        CancellationToken cancellationToken)
    {
        var row = await db.Set<Generation>()
            .FirstOrDefaultAsync(each => each.Id == id && each.DeleteRequestedAt == null, cancellationToken);
        var level = row is null ? AccessLevel.None : await access.LevelToEndAsync(db, caller, row, cancellationToken);
        if (row is null || level == AccessLevel.None)
            return null;
        var accounts = await AccountsAsync(db, row, level, act, cancellationToken);
        if (row.Status.IsTerminal())
            return new Ending(row, level) { WasFinished = true, Accounts = accounts };
        // The run is paid for. To drop its files would only make the next request for them pay again.
        if (act == CancelAct && row.Status == GenerationStatus.Storing)
            throw Conflict(id, StoringNow);
        var now = timelines.Of(row).Now;
        if (level == AccessLevel.OwnView)
        {
            await LeaveAsync(db, row, caller, now, cancellationToken);
            return new Ending(row, level);
        }
        var before = GenerationSnapshot.Of(row);
        var asked = (row.CancelRequestedAt, row.DeleteRequestedAt);
        request(row, now);
        var isNew = asked != (row.CancelRequestedAt, row.DeleteRequestedAt);
        var entry = isNew ? await AuditAsync(db, row, caller, from, act, cancellationToken) : null;
        var endsNow = row.Status == GenerationStatus.Queued && !row.IsUncertain && row.Lease.Owner is null;
        if (endsNow)
            row.MarkCanceled(now);
        row.Touch();
        await db.SaveChangesAsync(cancellationToken);
        if (endsNow)
            await GenerationLedger.BookAsync(db, row, images: 0, cancellationToken);
        if (row.DeleteRequestedAt is not null)
            await WebhookOutbox.RemoveAsync(db, id, cancellationToken);
        else
            await notifications.NotifyAsync(db, row, before, cancellationToken);
        return new Ending(row, level) { EndedNow = endsNow, Entry = entry, Accounts = accounts };
    }

    /// <summary>Lists the accounts that are about to lose sight of a generation that is deleted for all of them.</summary>
    private async Task<IReadOnlyCollection<Guid>> AccountsAsync(
        GenApiDbContext db, Generation row, AccessLevel level, string act, CancellationToken cancellationToken) =>
        act == DeleteAct && level == AccessLevel.Full && changes.IsOn
            ? GenerationGrants.AccountsOf(row, await grants.HoldersAsync(db, row, cancellationToken))
            : [];

    private void Forget(Guid id, Caller caller)
    {
        grants.Forget(caller.AccountId, id);
        changes.Left(id, caller.AccountId);
    }

    private Task<AuditEntry?> AuditAsync(
        GenApiDbContext db, Generation row, Caller caller, string from, string act, CancellationToken cancellationToken) =>
        audit.AddAsync(db, caller, from, act, row.PublicId, row.OwnerId, null, cancellationToken);

    private static GenApiException Conflict(Guid id, string why) => new(ErrorKind.Conflict, why) { GenerationId = id };

    /// <summary>Says why a caller who sees an image or a file can't delete it.</summary>
    internal static GenApiException NotDeletable(StoredImage image, Generation row, Caller caller) => row.IsOwnOf(caller.AccountId)
        ? Conflict(
            row.Id, $"Other keys wait for the generation of this {image.Word}. Delete the {image.Word} when the generation has finished.")
        : new GenApiException(
            ErrorKind.Forbidden,
            $"The {image.Word} was made for another key, which alone can delete it. DELETE /generations/{{id}} takes the whole generation "
            + "out of your view.");

    private Task LeaveAsync(Generation row, Caller caller, CancellationToken cancellationToken) =>
        writer.WriteAsync((db, token) => LeaveAsync(db, row, caller, timelines.Of(row).Now, token), cancellationToken);

    /// <summary>
    /// Takes the generation out of the caller's view and stops its notifications. The account that made it still pays for what it asked
    /// for.
    /// </summary>
    private async Task LeaveAsync(
        GenApiDbContext db, Generation row, Caller caller, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (row.IsOwnOf(caller.AccountId))
        {
            row.LeaveToOthers(now);
            row.Touch();
            await db.SaveChangesAsync(cancellationToken);
        }
        await grants.RevokeAsync(db, row, caller.AccountId, cancellationToken);
        await ImageTag.RemoveAsync(db, caller.AccountId, row.Id, cancellationToken);
        await WebhookOutbox.RemoveAsync(db, row.Id, caller.AccountId, cancellationToken);
    }

    /// <param name="Row">As it is now.</param>
    /// <param name="Level">How far the caller's act goes.</param>
    private sealed record Ending(Generation Row, AccessLevel Level)
    {
        /// <summary>True if it had finished before.</summary>
        public bool WasFinished { get; init; }

        /// <summary>True if it ended in this transaction, because no process had claimed it.</summary>
        public bool EndedNow { get; init; }

        public AuditEntry? Entry { get; init; }

        /// <summary>The accounts that saw it before it was deleted for all of them; empty if nobody can ask for them.</summary>
        public IReadOnlyCollection<Guid> Accounts { get; init; } = [];
    }
}
