using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations;

/// <summary>
/// Storing: fetches what is not kept yet. Each image's bytes are on the disk before its row, and the last row and "succeeded" are one
/// transaction. A download that failed is tried again without generating again, for as long as the upstream keeps the file.
/// </summary>
internal sealed partial class StoreStep(
    GenerationSaves saves, DownloadSlots downloads, ImageLibrary images, IDbContextFactory<GenApiDbContext> contexts, ILogger<StoreStep> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    private readonly TimeProvider _time = saves.Time;

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        var generation = run.Generation;
        var outputs = JsonSerializer.Deserialize<string[]>(generation.Outputs!)!;
        var isFirstTime = run.IsNewlyStoring;
        IReadOnlyList<StoredImage> kept = isFirstTime ? [] : await contexts.ReadAsync(db => ImageLibrary.ListAsync(db, [generation.Id], stopping), stopping);
        run.IsNewlyStoring = false;
        if (!isFirstTime && await IsDeletedAsync(run, Pixels(generation, kept), stopping))
            return TimeSpan.Zero;
        var missing = Enumerable.Range(0, outputs.Length).Except(kept.Select(image => image.Index));
        var staged = new (StoredImage Row, StagedImage Bytes)?[outputs.Length];
        try
        {
            var faults = await Task.WhenAll(missing.Select(index => FetchAsync(generation, index, outputs[index], isFirstTime, staged, stopping)));
            stopping.ThrowIfCancellationRequested();
            var rows = staged.OfType<(StoredImage Row, StagedImage Bytes)>().Select(pair => pair.Row).ToList();
            return await KeepAsync(run, rows, isFirstTime ? rows : null, Pixels(generation, [.. kept, .. rows]), [.. faults.OfType<GenApiException>()], stopping);
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
    private async Task<bool> IsDeletedAsync(GenerationRun run, long? pixels, CancellationToken stopping)
    {
        run.Generation = await saves.SaveAsync(run.Generation, row =>
        {
            if (row.DeleteRequestedAt is null)
                return false;
            row.MarkCanceled(run.Now, pixels: pixels);
            return true;
        }, null, stopping);
        return run.Generation.Status.IsTerminal();
    }

    /// <summary>Of all that the run put out; those that are not here are taken to be as large as the others. Null: none is here.</summary>
    private static long? Pixels(Generation generation, IReadOnlyList<StoredImage> images)
    {
        if (images.Count == 0)
            return null;
        var pixels = images.Sum(image => (long)image.Width * image.Height);
        return generation.OutputCount > images.Count ? pixels * generation.OutputCount.Value / images.Count : pixels;
    }

    /// <returns>Why it could not be fetched; null when it was.</returns>
    private async Task<GenApiException?> FetchAsync(
        Generation generation, int index, string output, bool isFirstTime, (StoredImage, StagedImage)?[] staged, CancellationToken cancellationToken)
    {
        try
        {
            using var slot = await downloads.EnterAsync(cancellationToken);
            var bytes = (isFirstTime ? null : await AgainAsync(generation.Id, index, cancellationToken)) ?? await DownloadAsync(generation.Id, index, output, cancellationToken);
            var row = bytes.ToRow(
                Guid.CreateVersion7(_time.GetUtcNow()), generation.Id, index, ImageFileName.Of(generation.Prompt, generation.Seed));
            staged[index] = (row, bytes);
            return null;
        }
        catch (GenApiException fault)
        {
            Log.NotKept(logger, index, generation.Id, fault);
            return fault;
        }
    }

    private async Task<StagedImage> DownloadAsync(Guid id, int index, string output, CancellationToken cancellationToken)
    {
        await using var file = await downloads.OpenAsync(output, cancellationToken);
        return await images.StageAsync(file.Content, id, index, cancellationToken);
    }

    /// <summary>What was on our disk before a crash, or before the disk was too full for the row: the upstream may have lost it since.</summary>
    private async Task<StagedImage?> AgainAsync(Guid id, int index, CancellationToken cancellationToken)
    {
        await using var bytes = images.OpenStaged(id, index);
        if (bytes is null)
            return null;
        try
        {
            return await images.StageAsync(bytes, id, index, cancellationToken);
        }
        catch (Exception damaged) when (damaged is IOException or GenApiException { Kind: ErrorKind.DownloadFailed or ErrorKind.UpstreamBadAnswer })
        {
            images.ForgetStaged(id, index);
            return null;
        }
    }

    private async Task<TimeSpan> KeepAsync(
        GenerationRun run, IReadOnlyList<StoredImage> rows, IReadOnlyList<StoredImage>? all, long? pixels, IReadOnlyList<GenApiException> faults, CancellationToken stopping)
    {
        var now = run.Now;
        // One that can't heal decides only when nothing else can be hoped for: the others are paid for as well.
        var fault = faults.FirstOrDefault(each => each.IsTransient) ?? (faults.Count > 0 ? faults[0] : null);
        var isLast = fault is not null && (!fault.IsTransient || run.HasPassed(run.Generation.StoringAt!.Value + downloads.Patience));
        try
        {
            run.Generation = await saves.SaveAsync(run.Generation, row =>
            {
                if (row.DeleteRequestedAt is not null)
                    row.MarkCanceled(now, pixels: pixels);
                else if (fault is null)
                    row.MarkSucceeded(now, pixels);
                else if (isLast)
                    row.MarkFailed(fault.Kind, fault.Message, now, pixels: pixels);
                else
                    row.NoteFault(fault);
                return true;
            }, db => db.AddRange(rows), all, stopping);
        }
        catch (GenApiException full) when (full.IsTransient)
        {
            // The bytes are on the disk under their hash; only the row is missing, and the next step finds them there.
            Log.NotSaved(logger, run.Generation.Id, full);
            return run.Backoff(FirstPause, LongestPause);
        }
        foreach (var row in rows)
            images.ForgetStaged(row.GenerationId, row.Index);
        return run.Generation.Status.IsTerminal() ? TimeSpan.Zero : run.Backoff(fault?.RetryAfter, FirstPause, LongestPause);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Output {Index} of {Id} could not be kept")]
        public static partial void NotKept(ILogger logger, int index, Guid id, Exception fault);

        [LoggerMessage(2, LogLevel.Warning, "The rows of the images of {Id} could not be saved")]
        public static partial void NotSaved(ILogger logger, Guid id, Exception fault);
    }
}
