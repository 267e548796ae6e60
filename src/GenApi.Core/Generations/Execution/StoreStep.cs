using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Storing: fetches what is not kept yet. Each file's bytes are on the disk before its row, and the last row and "succeeded" are one
/// transaction. A download that failed is tried again without generating again, for as long as the upstream keeps the file.
/// </summary>
internal sealed partial class StoreStep(
    GenerationStateWriter saves, DownloadLimit downloads, ImageLibrary images, IDbContextFactory<GenApiDbContext> contexts, ILogger<StoreStep> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>What is claimed beyond that is not billed: no file of the size that is fetched holds as many.</summary>
    private const long MostPixels = 1L << 40;

    private readonly TimeProvider _time = saves.Time;

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        var generation = run.Generation;
        var outputs = JsonSerializer.Deserialize<string[]>(generation.Outputs!)!;
        var isFirstTime = run.IsNewlyStoring;
        List<StoredImage> kept = isFirstTime ? [] : await contexts.ReadAsync(db => ImageLibrary.ListAsync(db, [generation.Id], stopping), stopping);
        run.IsNewlyStoring = false;
        if (!isFirstTime && await IsDeletedAsync(run, Seen(generation, kept, outputs.Length - kept.Count), stopping))
            return TimeSpan.Zero;
        var missing = Enumerable.Range(0, outputs.Length).Except(kept.Select(image => image.Index));
        var staged = new (StoredImage Row, StagedImage Bytes)?[outputs.Length];
        try
        {
            var faults = await Task.WhenAll(missing.Select(index => FetchAsync(run, index, outputs[index], isFirstTime, staged, stopping)));
            stopping.ThrowIfCancellationRequested();
            var rows = staged.OfType<(StoredImage Row, StagedImage Bytes)>().Select(pair => pair.Row).ToList();
            var seen = Seen(generation, kept.Concat(rows), outputs.Length - kept.Count - rows.Count);
            return await KeepAsync(run, rows, isFirstTime ? rows : null, seen, [.. faults.OfType<GenApiException>()], stopping);
        }
        finally
        {
            foreach (var pair in staged)
                pair?.Bytes.Dispose();
        }
    }

    /// <summary>
    /// A generation that nobody waits for any more ends here, instead of asking for its files for as long as the upstream keeps them.
    /// </summary>
    private async Task<bool> IsDeletedAsync(GenerationRun run, SeenImages seen, CancellationToken stopping)
    {
        run.Generation = await saves.SaveAsync(run.Generation, row =>
        {
            if (row.DeleteRequestedAt is null)
                return false;
            row.CountImages(seen.Count);
            row.MarkCanceled(run.Now, pixels: seen.Pixels);
            return true;
        }, null, stopping);
        return run.Generation.Status.IsTerminal();
    }

    /// <param name="generation">Whose they are.</param>
    /// <param name="kept">What is here of its outputs.</param>
    /// <param name="missing">How many are not here.</param>
    private static SeenImages Seen(Generation generation, IEnumerable<StoredImage> kept, int missing)
    {
        var images = kept.Where(row => row.IsImage).ToList();
        return new SeenImages(images.Count + missing, Pixels(generation, images, missing));
    }

    /// <summary>
    /// Of all images that the run put out; those that are not here, or do not tell, are taken to be as large as the others. Null: none tells.
    /// </summary>
    private static long? Pixels(Generation generation, List<StoredImage> images, int missing)
    {
        var sizes = images.Where(image => image is { Width: not null, Height: not null })
            .Select(image => Math.Min((long)image.Width!.Value * image.Height!.Value, MostPixels)).ToList();
        var all = Math.Max(images.Count + missing, generation.CountedImages ?? 0);
        return sizes.Count == 0 ? null : (long)((decimal)sizes.Sum() * all / sizes.Count);
    }

    /// <returns>Why it could not be fetched; null when it was.</returns>
    private async Task<GenApiException?> FetchAsync(
        GenerationRun run, int index, string output, bool isFirstTime, (StoredImage, StagedImage)?[] staged, CancellationToken cancellationToken)
    {
        var generation = run.Generation;
        try
        {
            using var slot = await downloads.EnterAsync(cancellationToken);
            var bytes = (isFirstTime ? null : await AgainAsync(generation.Id, index, output, cancellationToken)) ?? await DownloadAsync(run, index, output, cancellationToken);
            var row = bytes.ToRow(
                Guid.CreateVersion7(_time.GetUtcNow()), generation.Id, index, ImageFileName.Of(generation.Prompt, generation.Seed));
            staged[index] = (row, bytes);
            return null;
        }
        catch (GenApiException fault)
        {
            Log.NotKept(logger, index, generation.PublicId, fault);
            return fault;
        }
    }

    private async Task<StagedImage> DownloadAsync(GenerationRun run, int index, string output, CancellationToken cancellationToken)
    {
        await using var file = await downloads.OpenAsync(output, cancellationToken);
        return await images.StageAsync(
            file.Content, run.Generation.Id, index, FilePromise.Of(output, file.ContentType), key => file.IsWhole || IsSameAgain(run, index, key), cancellationToken);
    }

    private static bool IsSameAgain(GenerationRun run, int index, string key)
    {
        var isSame = run.Unproven.TryGetValue(index, out var before) && before == key;
        run.Unproven[index] = key;
        return isSame;
    }

    /// <summary>What was on our disk before a crash, or before the disk was too full for the row: the upstream may have lost it since.</summary>
    private async Task<StagedImage?> AgainAsync(Guid id, int index, string output, CancellationToken cancellationToken)
    {
        await using var bytes = images.OpenStaged(id, index);
        if (bytes is null)
            return null;
        try
        {
            return await images.StageAsync(bytes, id, index, FilePromise.Of(output, null) with { IsTaken = true }, static _ => true, cancellationToken);
        }
        catch (Exception damaged) when (damaged is IOException or GenApiException { Kind: ErrorKind.DownloadFailed })
        {
            images.ForgetStaged(id, index);
            return null;
        }
    }

    private async Task<TimeSpan> KeepAsync(
        GenerationRun run, IReadOnlyList<StoredImage> rows, IReadOnlyList<StoredImage>? all, SeenImages seen, IReadOnlyList<GenApiException> faults, CancellationToken stopping)
    {
        var now = run.Now;
        // One that can't heal decides only when nothing else can be hoped for: the others are paid for as well.
        var fault = faults.FirstOrDefault(each => each.IsTransient) ?? (faults.Count > 0 ? faults[0] : null);
        var isLast = fault is not null && (!fault.IsTransient || run.HasPassed(run.Generation.StoringAt!.Value + downloads.Patience));
        try
        {
            run.Generation = await saves.SaveAsync(run.Generation, row =>
            {
                row.CountImages(seen.Count);
                if (row.DeleteRequestedAt is not null)
                    row.MarkCanceled(now, pixels: seen.Pixels);
                else if (fault is null)
                    row.MarkSucceeded(now, seen.Pixels);
                else if (isLast)
                    row.MarkFailed(fault.Kind, fault.Message, now, pixels: seen.Pixels);
                else
                    row.NoteFault(fault);
                return true;
            }, db => db.AddRange(rows), all, stopping);
        }
        catch (GenApiException full) when (full.IsTransient)
        {
            // The bytes are on the disk under their hash; only the row is missing, and the next step finds them there.
            Log.NotSaved(logger, run.Generation.PublicId, full);
            return run.Backoff(FirstPause, LongestPause);
        }
        foreach (var row in rows)
            images.ForgetStaged(row.GenerationId, row.Index);
        return run.Generation.Status.IsTerminal() ? TimeSpan.Zero : run.Backoff(fault?.RetryAfter, FirstPause, LongestPause);
    }

    /// <param name="Count">Pictures that are here, and files that are not and may be pictures.</param>
    /// <param name="Pixels">Of all of them together; null: not known.</param>
    private readonly record struct SeenImages(int Count, long? Pixels);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Output {Index} of {GenerationId} could not be kept")]
        public static partial void NotKept(ILogger logger, int index, string generationId, Exception fault);

        [LoggerMessage(2, LogLevel.Warning, "The rows of the images of {GenerationId} could not be saved")]
        public static partial void NotSaved(ILogger logger, string generationId, Exception fault);
    }
}
