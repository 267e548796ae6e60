using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Maintenance.Checks;

/// <summary>Checks rows for contradictions, inside a row and between rows.</summary>
public sealed class RowCheck(IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, UsageCheck usage, TimeProvider time)
{
    /// <summary>Ten terms of a lease: its holder has surely ended.</summary>
    private static readonly TimeSpan Abandoned = Lease.Term * 10;

    public async Task RunAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        report.Generations = await ReadAsync(db => db.Set<Generation>().LongCountAsync(cancellationToken), cancellationToken);
        await CheckFlawsAsync(report, repair, cancellationToken);
        await CheckAnswersAsync(report, repair, cancellationToken);
        await CheckImagesAsync(report, cancellationToken);
        await CheckVariantsAsync(report, repair, cancellationToken);
        await CheckUnfinishedAsync(report, repair, cancellationToken);
        await CheckKeysAsync(report, cancellationToken);
        await usage.RunAsync(report, repair, cancellationToken);
    }

    private async Task CheckFlawsAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        var flawed = await ReadAsync(
            db =>
                db.Set<Generation>().AsNoTracking().Where(
                    Generation.ViolatesInvariant).OrderBy(each => each.Number).ToListAsync(cancellationToken),
            cancellationToken);
        foreach (var row in flawed)
        {
            report.Problem(
                "generation_inconsistent",
                Id(row),
                $"{row.InvariantViolation}.",
                repair ? "changed to the nearest consistent state" : null);
            if (repair)
                await ChangeAsync(row.Number, each => each.Repair(time.GetUtcNow()), cancellationToken);
        }
    }

    /// <summary>Finds answers without an image: the next equal request would get one of them.</summary>
    private async Task CheckAnswersAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        var bare = await ReadAsync(db => db.Set<Generation>().AsNoTracking()
            .Where(row => row.IsAnswer && row.Status == GenerationStatus.Succeeded
                && (row.Output == null || row.Output == OutputDocument.OneFile)
                && !db.Set<StoredImage>().Any(image => image.GenerationId == row.Id))
            .OrderBy(row => row.Number).ToListAsync(cancellationToken), cancellationToken);
        foreach (var row in bare)
        {
            report.Problem("answer_without_images", Id(row), "answers requests but has no image.", repair ? "no longer an answer" : null);
            if (repair)
                await ChangeAsync(row.Number, each => each.MarkIncomplete(), cancellationToken);
        }
    }

    private async Task CheckImagesAsync(CheckReport report, CancellationToken cancellationToken)
    {
        var lone = await ReadAsync(db => db.Set<StoredImage>().AsNoTracking()
            .Where(image => !db.Set<Generation>().Any(row => row.Id == image.GenerationId))
            .Select(image => new { image.Id, image.Kind }).ToListAsync(cancellationToken), cancellationToken);
        // The bytes exist and can be fetched, so a repair does not delete them.
        foreach (var (id, isImage) in lone.Select(row => (row.Id, row.Kind == FileKind.Image)))
        {
            report.Problem(
                isImage ? "image_without_generation" : "file_without_generation",
                PublicId.Format(isImage ? PublicId.Image : PublicId.File, id),
                $"belongs to a generation that does not exist. DELETE /{(isImage ? "images" : "files")}/{{id}} removes it.");
        }
    }

    /// <summary>Finds variants that nobody can ask for: their bytes would stay for ever.</summary>
    private async Task CheckVariantsAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        var lone = await ReadAsync(db => db.Set<ImageVariant>().AsNoTracking()
            .Where(variant => !db.Set<StoredImage>().Any(image => image.Id == variant.ImageId))
            .Select(variant => variant.Id).ToListAsync(cancellationToken), cancellationToken);
        foreach (var id in lone)
        {
            report.Problem(
                "variant_without_image", $"variant {PublicId.Format(PublicId.Variant, id)}", "belongs to an image that does not exist.",
                repair ? "row removed" : null);
        }
        if (repair && lone.Count > 0)
        {
            await writer.WriteAsync(
                (db, token) => db.Set<ImageVariant>().Where(variant => lone.Contains(variant.Id)).ExecuteDeleteAsync(token),
                cancellationToken);
        }
    }

    private async Task CheckUnfinishedAsync(CheckReport report, bool repair, CancellationToken cancellationToken)
    {
        var open = await ReadAsync(
            db => db.Set<Generation>().AsNoTracking().Where(row => row.CompletedAt == null).OrderBy(row => row.Number)
                .ToListAsync(cancellationToken),
            cancellationToken);
        if (!report.IsRunning)
        {
            // A crash leaves leases of the ended process; the next start claims all of them.
            report.Note("unfinished", open.Count, $"{open.Count} generations are unfinished; the next start goes on with them.");
            foreach (var row in open.Where(row => repair && row.Lease.Owner is not null))
                await ChangeAsync(row.Number, each => each.ReleaseLease(), cancellationToken);
            return;
        }
        var now = time.GetUtcNow();
        var stuck = open.Where(row => row.Lease.Until < now - Abandoned).ToList();
        foreach (var row in stuck)
            report.Problem(
                "lease_stuck", Id(row),
                $"is {row.Status.Word()}, but its lease ended at {row.Lease.Until:u} and nothing has claimed it since.");
        var late = open.Except(stuck).Count(row => row.Lease.Owner is null && row.DeadlineAt < now);
        report.Note("unfinished_late", late, $"{late} generations are past their deadline and wait until their upstream is used again.");
        report.Note("unfinished", open.Count, $"{open.Count} generations are unfinished.");
    }

    /// <summary>Counts idempotency keys. A key outlives its generation on purpose, so that a deleted one is not made again.</summary>
    private async Task CheckKeysAsync(CheckReport report, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var (pointless, expired) = await ReadAsync(async db => (
            await db.Set<IdempotencyRecord>().CountAsync(
                record => record.ExpiresAt > now && !db.Set<Generation>().Any(row => row.Id == record.GenerationId), cancellationToken),
            await db.Set<IdempotencyRecord>().CountAsync(record => record.ExpiresAt <= now, cancellationToken)), cancellationToken);
        report.Note("idempotency_of_deleted", pointless, $"{pointless} idempotency keys are still stored for deleted generations.");
        report.Note("idempotency_expired", expired, $"{expired} idempotency keys have expired; the service removes them.");
    }

    private Task<T> ReadAsync<T>(Func<GenApiDbContext, Task<T>> read, CancellationToken cancellationToken) =>
        contexts.ReadAsync(read, cancellationToken);

    private Task ChangeAsync(long number, Action<Generation> change, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            async (db, token) =>
            {
                var row = await db.Set<Generation>().SingleAsync(each => each.Number == number, token);
                change(row);
                row.Touch();
                await db.SaveChangesAsync(token);
            },
            cancellationToken);

    private static string Id(Generation row) => PublicId.Format(PublicId.Generation, row.Id);
}
