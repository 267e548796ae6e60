using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Checks;

/// <summary>
/// Checks that every row has its bytes, every blob its row, and all bytes match their hash. It reads all blobs of a disk. Of a store that
/// compares its bytes itself, and charges for sending them, it reads them only if asked to or if their length is not that of their rows.
/// </summary>
public sealed class BlobCheck(
    IDbContextFactory<GenApiDbContext> contexts, IBlobStore blobs, IBlobMaintenance maintenance, IEnumerable<IBlobUser> users,
    CheckRepair repairs, TimeProvider time)
{
    private const int KeysPerStep = 500;

    /// <summary>While a service runs, the row of a younger blob may still be on its way.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(10);

    public async Task RunAsync(CheckReport report, bool repair, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        await CheckRowsAsync(report, repair, progress, cancellationToken);
        report.Note(
            "not_read", report.BlobsNotRead,
            $"{report.BlobsNotRead} blobs have the right length and were not read: fsck --read compares them with their hashes.");
        await CheckBlobsAsync(report, repair, progress, cancellationToken);
        await CheckLeftoversAsync(report, repair, cancellationToken);
        await repairs.RetireAnswersAsync(report, repair, cancellationToken);
    }

    private async Task CheckRowsAsync(CheckReport report, bool repair, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        foreach (var user in users)
            report.References += await contexts.ReadAsync(db => user.CountAsync(db, cancellationToken), cancellationToken);
        var done = 0L;
        foreach (var user in users)
        {
            for (var after = ""; ;)
            {
                var from = after;
                // Each step is a separate read, so that nothing holds a snapshot while bytes are read.
                var rows = await contexts.ReadAsync(db => user.NextAsync(db, from, KeysPerStep, cancellationToken), cancellationToken);
                if (rows.Count == 0)
                    break;
                foreach (var each in rows.GroupBy(row => row.BlobKey))
                {
                    await CheckOneAsync(report, user, each.Key, [.. each], repair, cancellationToken);
                    progress?.Report(new("reading the bytes of rows", done += each.Count(), report.References));
                }
                after = rows[^1].BlobKey;
            }
        }
    }

    private async Task CheckOneAsync(
        CheckReport report, IBlobUser user, string key, BlobReference[] rows, bool repair, CancellationToken cancellationToken)
    {
        var (length, damage) = await ReadAsync(report, key, rows, cancellationToken);
        foreach (var row in rows)
        {
            var subject = $"{user.Kind} {PublicId.Format(user.Prefix, row.Id)}";
            if (damage is not null)
                await ReportLossAsync(report, user, row, subject, damage.Value, repair, cancellationToken);
            else if (row.Length is { } said && said != length)
                report.Problem("row_length", subject, $"says {row.Length} bytes, but there are {length} ({key}).");
            else if (row.IsLost)
            {
                const string back = "is recorded as lost, but its bytes are back: the service updates the row when it reads them.";
                report.Mending("blob_found_again", subject, back, repair ? "no longer recorded as lost" : null);
                if (repair)
                    await repairs.MarkLostAsync(user, row.Id, null, cancellationToken);
            }
        }
        if (repair && damage is { IsThere: true, IsCertain: true })
            await maintenance.QuarantineAsync(key, cancellationToken);
    }

    private async Task ReportLossAsync(
        CheckReport report, IBlobUser user, BlobReference row, string subject, Damage damage, bool repair,
        CancellationToken cancellationToken)
    {
        if (row.IsLost && !damage.IsThere)
            report.Note("blob_lost", 1, $"{subject} is recorded as lost.");
        // A running service may have deleted the row since it was listed.
        else if (!report.IsRunning || await contexts.ReadAsync(db => user.UsesAsync(db, row.BlobKey, cancellationToken), cancellationToken))
        {
            if (user.IsDerived && damage.IsCertain)
            {
                await ReportDerivedAsync(report, user, row, subject, damage, repair, cancellationToken);
                return;
            }
            var isMended = repair && damage.IsCertain && await repairs.MarkLostAsync(user, row.Id, time.GetUtcNow(), cancellationToken);
            var repaired = damage.IsThere ? "file moved to quarantine, row marked as lost" : "row marked as lost";
            report.Problem(damage.Kind, subject, damage.Sentence, isMended ? repaired : null);
        }
    }

    /// <summary>Reports lost bytes that the service makes again from others: nothing is lost for good.</summary>
    private async Task ReportDerivedAsync(
        CheckReport report, IBlobUser user, BlobReference row, string subject, Damage damage, bool repair,
        CancellationToken cancellationToken)
    {
        if (repair)
            await repairs.MarkLostAsync(user, row.Id, time.GetUtcNow(), cancellationToken);
        report.Mending(
            $"{user.Kind}_lost", subject, $"{damage.Sentence} The service makes it again when it is asked for.",
            repair ? "row removed" : null);
    }

    private async Task<(long Length, Damage? Damage)> ReadAsync(
        CheckReport report, string key, BlobReference[] rows, CancellationToken cancellationToken)
    {
        if (!BlobKey.IsValid(key))
            return (0, new Damage("blob_missing", "names its bytes by a text that is not a SHA-256 hash.", IsThere: false));
        try
        {
            if (!report.IsDeep && !maintenance.AlwaysReads)
            {
                if (await blobs.FindAsync(key, cancellationToken) is not { } found)
                    return (0, Damage.Missing(key));
                // Otherwise only the bytes can tell whether they or a row are wrong.
                if (Array.TrueForAll(rows, row => row.Length is null || row.Length == found.Length))
                {
                    report.BlobsNotRead++;
                    return (found.Length, null);
                }
            }
            using var content = await blobs.OpenOnceAsync(key, cancellationToken);
            if (content is null)
                return (0, Damage.Missing(key));
            var hash = await BlobHash.OfAsync(content, cancellationToken);
            report.BlobsRead++;
            report.BytesRead += content.Length;
            return (content.Length, hash == key ? null : new Damage(
                "blob_damaged", $"its {content.Length} bytes don't match its hash ({key}).", IsThere: true));
        }
        catch (GenApiException failure)
        {
            // A bad sector or a missing permission: only the operator can find out which, so nothing is changed.
            return (0, new Damage(
                "blob_unreadable", $"its bytes can't be read: {failure.InnerException?.Message ?? failure.Message} ({key})",
                IsThere: true)
            { IsCertain = false });
        }
    }

    private async Task CheckBlobsAsync(CheckReport report, bool repair, IProgress<WorkStep>? progress, CancellationToken cancellationToken)
    {
        progress?.Report(new("looking for blobs without a row"));
        var found = await OrphanBlobs.FindAsync(contexts, maintenance, users, cancellationToken);
        var settled = time.GetUtcNow() - Settled;
        var young = 0;
        foreach (var blob in found.Orphans)
        {
            if (report.IsRunning && blob.ModifiedAt > settled)
                young++;
            else if (!report.IsRunning || await IsStillOrphanAsync(blob, cancellationToken))
                await OrphanAsync(report, blob, found.IsSuspicious, repair, cancellationToken);
        }
        report.Note(
            "not_judged", young,
            $"{young} blobs without a row are younger than {Settled.TotalMinutes:0} minutes: their rows may be on their way.");
    }

    /// <summary>
    /// Reports a blob without a row. A crash between bytes and row leaves some, and the sweep removes them after a day. It removes none
    /// where there are so many that the database is probably the wrong one.
    /// </summary>
    private async Task OrphanAsync(CheckReport report, BlobInfo blob, bool isSuspicious, bool repair, CancellationToken cancellationToken)
    {
        var done = repair ? await repairs.RemoveAsync(blob, isSuspicious, cancellationToken) : null;
        if (isSuspicious)
            report.Problem("blob_orphan", blob.Key, $"no row needs these {blob.Length} bytes.", done);
        else
            report.Mending(
                "blob_orphan", blob.Key, $"no row needs these {blob.Length} bytes: the service removes them when they are a day old.",
                done);
    }

    private async Task<bool> IsStillOrphanAsync(BlobInfo blob, CancellationToken cancellationToken)
    {
        return await blobs.FindAsync(blob.Key, cancellationToken) is not null
            && (await OrphanBlobs.NeededAsync(contexts, users, [blob.Key], cancellationToken)).Count == 0;
    }

    private async Task CheckLeftoversAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        var writing = 0;
        await foreach (var leftover in maintenance.ListLeftoversAsync(cancellationToken))
        {
            if (!leftover.IsHalfWritten)
                report.Problem(
                    "foreign_file", leftover.Name,
                        "is in the store but is not a blob. GenApi did not put it there and leaves it untouched.");
            else if (report.IsRunning)
                writing++;
            else
                report.Mending(
                    "half_written", leftover.Name,
                    maintenance.AlwaysReads
                        ? "is a write that did not finish: the next start removes it."
                        : "is an upload that did not finish: the daily sweep aborts it.",
                    repair && maintenance.AlwaysReads ? "removed" : null);
        }
        report.Note(
            "not_judged", writing,
            $"{writing} files are being written, or a crash left them half written: the next start removes those.");
        if (repair)
            await maintenance.PrepareAsync(cancellationToken);
    }

    /// <summary>A problem with the bytes of a row.</summary>
    /// <param name="Kind">A stable code.</param>
    /// <param name="Sentence">The problem in words.</param>
    /// <param name="IsThere">The file exists and holds other bytes.</param>
    private readonly record struct Damage(string Kind, string Sentence, bool IsThere)
    {
        /// <summary>The bytes were read, or are surely missing.</summary>
        public bool IsCertain { get; init; } = true;

        public static Damage Missing(string key) => new("blob_missing", $"its bytes are not in the store ({key}).", IsThere: false);
    }
}
