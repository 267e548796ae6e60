using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Access;
using GenApi.Core.Generations.Reading;
using GenApi.Core.Generations.Removal;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Bin;

/// <summary>
/// Puts images and files into the bin and takes them out again, all that a request names or none. In the bin they are rows with bytes that
/// no caller sees, and their generations answer no request.
/// </summary>
internal sealed class ImageBin(
    DatabaseWriter writer, BinReader reader, BinClock clock, GenerationCache cache, GenerationSignals signals, GenerationChanges changes,
    ImageLibrary images, AuditLog audit)
{
    private const string Unfinished = "its generation is unfinished. Delete it when the generation has ended.";

    /// <summary>
    /// Deletes images and files. They can be restored for a while. One that is in the bin already stays there with its time.
    /// </summary>
    /// <param name="named">What to delete; each once.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="from">Where the caller comes from.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    /// <returns>Until when all of them can be restored; null: they are gone for good.</returns>
    /// <exception cref="GenApiException">
    /// NotFound, Forbidden or Conflict, naming the ids; nothing has changed. Forbidden: it was made for another account. Conflict: the
    /// generation is unfinished, or other accounts still wait for it.
    /// </exception>
    public async Task<DateTimeOffset?> DeleteAsync(
        IReadOnlyList<NamedOutput> named, Caller caller, string from, CancellationToken cancellationToken)
    {
        var (change, gone) = await writer.FreeAsync(async (db, token) =>
        {
            var found = await reader.ReadAsync(db, named, caller, token);
            RequireDeletable(found, caller);
            // Without a bin, what an earlier setting left in it goes as well.
            var affected = clock.IsOn ? found.Where(each => !each.Image!.IsBinned).ToList() : [.. found];
            var binnedAt = clock.Now;
            if (clock.IsOn)
                await SetAsync(db, affected, binnedAt, token);
            var removed = clock.IsOn
                ? []
                : await ImageLibrary.RemoveRowsAsync(db, [.. affected.Select(each => each.Image!)], token);
            var owners = OwnersOf(affected);
            if (!clock.IsOn)
                owners.ForEach(static owner => owner.MarkIncomplete());
            var entries = await TouchAndAuditAsync(db, affected, owners, caller, from, "delete", token);
            return (new Change(found, affected, owners, entries, found.Min(each => each.Image!.BinnedAt ?? binnedAt)), removed);
        }, cancellationToken);
        Complete(change);
        await images.ForgetAsync(gone, CancellationToken.None);
        Report(change, isBack: false);
        return clock.IsOn ? clock.RestorableUntil(change.Since) : null;
    }

    /// <summary>Takes images and files out of the bin. Their generations answer requests again when nothing of them is missing.</summary>
    /// <inheritdoc cref="DeleteAsync"/>
    /// <exception cref="GenApiException">NotFound, naming the ids that are not in the caller's bin; nothing has changed.</exception>
    public async Task RestoreAsync(IReadOnlyList<NamedOutput> named, Caller caller, string from, CancellationToken cancellationToken)
    {
        var change = await writer.WriteAsync(async (db, token) =>
        {
            var found = await reader.ReadAsync(db, named, caller, token);
            var problems = new NamedOutputProblems();
            foreach (var each in found)
            {
                if (each is not { Image: { } image, Level: AccessLevel.Full } || !clock.IsRestorable(image))
                    problems.Add(ErrorKind.NotFound, each.Name, NotBinned(each.Name));
            }
            problems.ThrowIfAny();
            await SetAsync(db, found, null, token);
            var owners = OwnersOf(found);
            var entries = await TouchAndAuditAsync(db, found, owners, caller, from, "restore", token);
            return new Change(found, found, owners, entries, default);
        }, cancellationToken);
        Complete(change);
        Report(change, isBack: true);
    }

    /// <summary>Checks that the caller may delete all of them, by the rule of a single deletion.</summary>
    private void RequireDeletable(IReadOnlyList<NamedImage> found, Caller caller)
    {
        var problems = new NamedOutputProblems();
        foreach (var each in found)
        {
            if (each.Image is not { } image || each.Level == AccessLevel.None || !IsVisible(each))
                problems.Unknown(each.Name);
            else if (each.Level == AccessLevel.OwnView)
            {
                var refusal = CancelAndDelete.NotDeletable(image, each.Owner!, caller);
                problems.Add(refusal.Kind, each.Name, $"{image.PublicId} can't be deleted. {refusal.Message}");
            }
            // Its files are still being stored: a request that joins it must get all of them.
            else if (each.Owner is { } owner && !owner.Status.IsTerminal())
                problems.Add(ErrorKind.Conflict, each.Name, $"{image.PublicId} can't be deleted: {Unfinished}");
        }
        problems.ThrowIfAny();
    }

    /// <summary>Hides what is in the bin from all but those who may restore it, and from everybody once its time is over.</summary>
    private bool IsVisible(NamedImage each) =>
        !each.Image!.IsBinned || (each.Level == AccessLevel.Full && (!clock.IsOn || clock.IsRestorable(each.Image)));

    private static Task<int> SetAsync(
        GenApiDbContext db, IReadOnlyCollection<NamedImage> affected, DateTimeOffset? binnedAt, CancellationToken cancellationToken)
    {
        var ids = affected.Select(each => each.Name.Id).ToList();
        return db.Set<StoredImage>().Where(image => ids.Contains(image.Id))
            .ExecuteUpdateAsync(set => set.SetProperty(image => image.BinnedAt, binnedAt), cancellationToken);
    }

    private static List<Generation> OwnersOf(IReadOnlyCollection<NamedImage> affected) =>
        [.. affected.Select(each => each.Owner).OfType<Generation>().Distinct()];

    private async Task<List<AuditEntry?>> TouchAndAuditAsync(
        GenApiDbContext db, IReadOnlyCollection<NamedImage> affected, List<Generation> owners, Caller caller, string from, string act,
        CancellationToken cancellationToken)
    {
        owners.ForEach(static owner => owner.Touch());
        var entries = new List<AuditEntry?>();
        foreach (var (name, owner) in affected.Where(each => each.Owner is not null).Select(each => (each.Name, each.Owner!)))
        {
            entries.Add(await audit.AddAsync(
                db, caller, from, $"{name.Word}.{act}", name.PublicId, owner.OwnerId, $"of {owner.PublicId}", cancellationToken));
        }
        await db.SaveChangesAsync(cancellationToken);
        return entries;
    }

    /// <summary>Lets memory forget what was read before the commit.</summary>
    private void Complete(Change change)
    {
        change.Entries.ForEach(audit.LogCommitted);
        images.Refresh(change.Found.Select(each => each.Name.Id));
        change.Owners.ForEach(cache.Remove);
    }

    /// <summary>Reports it to those who follow what happens.</summary>
    private void Report(Change change, bool isBack)
    {
        foreach (var (name, owner) in change.Affected.Where(each => each.Owner is not null).Select(each => (each.Name, each.Owner!.Id)))
        {
            if (isBack)
                changes.OutputRestored(name.Id, name.IsImage, owner);
            else
                changes.OutputRemoved(name.Id, name.IsImage, owner);
        }
        change.Owners.ForEach(owner => signals.Changed(owner.Id));
    }

    private static string NotBinned(NamedOutput named) =>
        $"{named.PublicId} is not in the bin: it was not deleted, was restored already, or its time is over.";

    /// <param name="Found">All images of the request.</param>
    /// <param name="Affected">Those that changed.</param>
    /// <param name="Owners">The generations that show something else now.</param>
    /// <param name="Entries">What was added to the audit log.</param>
    /// <param name="Since">When the first of the images went into the bin.</param>
    private sealed record Change(
        IReadOnlyList<NamedImage> Found, IReadOnlyList<NamedImage> Affected, List<Generation> Owners, List<AuditEntry?> Entries,
        DateTimeOffset Since);
}
