using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate.Outputs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Fetches the files of a run that has ended at the upstream. The bytes of each file are on the disk before its row, and the last row and
/// "succeeded" are one transaction. A failed download is tried again without generating again, for as long as the upstream keeps the file.
/// </summary>
internal sealed partial class StoreStep(
    GenerationStateWriter states, EndStep end, DownloadLimit limit, OutputDownloader downloader, ImageLibrary images,
    IDbContextFactory<GenApiDbContext> contexts, IOptions<GenerationOptions> options, TimeProvider time, ILogger<StoreStep> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(5);

    /// <summary>The most pixels that are billed for one image: no file of the size that is fetched holds more.</summary>
    private const long MostPixels = 1L << 40;

    private readonly TimeSpan _patience = TimeSpan.FromSeconds(options.Value.DownloadPatienceSeconds);

    /// <summary>A file that is not here by then has its address recorded, which costs another transaction.</summary>
    internal TimeSpan Quick { get; set; } = TimeSpan.FromMilliseconds(100);

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        var generation = run.Unsaved?.RecordedIn(run.Generation) ?? run.Generation;
        var outputs = run.Unsaved?.Content.Files ?? JsonSerializer.Deserialize<string[]>(generation.Outputs!)!;
        var isFirstTime = run.IsNewlyStoring;
        List<StoredImage> stored = isFirstTime
            ? []
            : await contexts.ReadAsync(db => ImageLibrary.ListStoredAsync(db, [generation.Id], stopping), stopping);
        run.IsNewlyStoring = false;
        if (!isFirstTime && await IsDeletedAsync(run, Seen(generation, stored, outputs.Count - stored.Count), stopping))
            return TimeSpan.Zero;
        var missing = Enumerable.Range(0, outputs.Count).Except(stored.Select(image => image.Index));
        var staged = new (StoredImage Row, StagedImage Bytes)?[outputs.Count];
        try
        {
            var fetching = Task.WhenAll(
                missing.Select(index => FetchAsync(run, index, outputs[index], isFirstTime, staged, stopping)));
            await RecordIfSlowAsync(run, fetching, stopping);
            var faults = await fetching;
            if (run.Generation.Status.IsTerminal())
                return TimeSpan.Zero;
            var rows = staged.OfType<(StoredImage Row, StagedImage Bytes)>().Select(pair => pair.Row).ToList();
            var seen = Seen(generation, stored.Concat(rows), outputs.Count - stored.Count - rows.Count);
            var bytes = staged.OfType<(StoredImage Row, StagedImage Bytes)>().Select(pair => pair.Bytes).ToList();
            return await SaveAsync(run, rows, bytes, isFirstTime, seen, [.. faults.OfType<GenApiException>()], stopping);
        }
        finally
        {
            foreach (var pair in staged)
                pair?.Bytes.Dispose();
        }
    }

    /// <summary>Records the output while its files are being fetched, if that takes long.</summary>
    private async Task RecordIfSlowAsync(GenerationRun run, Task fetching, CancellationToken stopping)
    {
        if (run.Unsaved is null)
            return;
        try
        {
            // By real time, whatever clock the service has: the network goes by it.
            await fetching.WaitAsync(Quick, TimeProvider.System, CancellationToken.None);
        }
        catch (TimeoutException) when (!fetching.IsCompleted)
        {
            try
            {
                await end.RecordAsync(run, stopping);
            }
            catch (Exception failure)
            {
                // What is being fetched is disposed of only when nothing writes to it any more.
                await fetching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (failure is not GenApiException { IsTransient: true })
                    throw;
                Log.NotRecorded(logger, run.Generation.PublicId, failure);
            }
        }
    }

    /// <summary>
    /// Ends a generation that was deleted, instead of asking for its files for as long as the upstream keeps them.
    /// </summary>
    private async Task<bool> IsDeletedAsync(GenerationRun run, SeenImages seen, CancellationToken stopping)
    {
        run.Generation = await states.SaveAsync(run.Generation, row =>
        {
            if (row.DeleteRequestedAt is null)
                return false;
            if (run.Unsaved?.RecordIn(row) == false)
                return true;
            row.CountImages(seen.Count);
            row.MarkCanceled(run.Now, pixels: seen.Pixels);
            return true;
        }, null, stopping);
        return run.Generation.Status.IsTerminal();
    }

    /// <param name="generation">Of the files.</param>
    /// <param name="stored">The outputs that are stored.</param>
    /// <param name="missing">How many are not stored.</param>
    private static SeenImages Seen(Generation generation, IEnumerable<StoredImage> stored, int missing)
    {
        var images = stored.Where(row => row.IsImage).ToList();
        return new SeenImages(images.Count + missing, Pixels(generation, images, missing));
    }

    /// <summary>
    /// Adds up the pixels of all images of the run. An image that is not here, or whose size is unknown, counts as large as the others.
    /// Null: no size is known.
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
        GenerationRun run, int index, string output, bool isFirstTime, (StoredImage, StagedImage)?[] staged,
        CancellationToken cancellationToken)
    {
        var generation = run.Generation;
        try
        {
            using var slot = await limit.EnterAsync(cancellationToken);
            var bytes = (isFirstTime ? null : await StageAgainAsync(generation.Id, index, output, cancellationToken))
                ?? await DownloadAsync(run, index, output, cancellationToken);
            var row = bytes.ToRow(
                Guid.CreateVersion7(time.GetUtcNow()), generation.Id, index, ImageFileName.Of(generation.Prompt, generation.Seed));
            staged[index] = (row, bytes);
            return null;
        }
        catch (GenApiException fault)
        {
            Log.NotStored(logger, index, generation.PublicId, fault);
            return fault;
        }
    }

    private async Task<StagedImage> DownloadAsync(GenerationRun run, int index, string output, CancellationToken cancellationToken)
    {
        await using var file = await downloader.OpenAsync(output, cancellationToken);
        return await images.StageAsync(
            file.Content, run.Generation.Id, index, FilePromise.Of(output, file.ContentType),
            key => file.IsWhole || IsSameAgain(run, index, key), cancellationToken);
    }

    private static bool IsSameAgain(GenerationRun run, int index, string key)
    {
        var isSame = run.Unproven.TryGetValue(index, out var before) && before == key;
        run.Unproven[index] = key;
        return isSame;
    }

    /// <summary>
    /// Stages a file that was on our disk before a crash, or before the disk was too full for its row. The upstream may have lost it since.
    /// </summary>
    private async Task<StagedImage?> StageAgainAsync(Guid id, int index, string output, CancellationToken cancellationToken)
    {
        await using var bytes = await images.OpenStagedAsync(id, index, cancellationToken);
        if (bytes is null)
            return null;
        try
        {
            var promise = FilePromise.Of(output, null) with { IsAccepted = true };
            return await images.StageAsync(bytes, id, index, promise, static _ => true, cancellationToken);
        }
        catch (Exception damaged) when (damaged is IOException or GenApiException { Kind: ErrorKind.DownloadFailed })
        {
            await images.ForgetStagedAsync(id, index, cancellationToken);
            return null;
        }
    }

    private async Task<TimeSpan> SaveAsync(
        GenerationRun run, IReadOnlyList<StoredImage> rows, List<StagedImage> bytes, bool isFirstTime, SeenImages seen,
        IReadOnlyList<GenApiException> faults, CancellationToken stopping)
    {
        var now = run.Now;
        var unsaved = run.Unsaved;
        var storingAt = unsaved?.At ?? run.Generation.StoringAt!.Value;
        // A permanent fault decides only when no transient one is left: the other files are paid for as well.
        var fault = faults.FirstOrDefault(each => each.IsTransient) ?? (faults.Count > 0 ? faults[0] : null);
        var isLast = fault is not null && (!fault.IsTransient || run.HasPassed(storingAt + _patience));
        // A cancel that came before the end of the run keeps nothing of it. The sweep finds the bytes.
        IReadOnlyList<StoredImage> kept = rows;
        try
        {
            run.Generation = await states.SaveAsync(run.Generation, row =>
            {
                var isKept = unsaved?.RecordIn(row) != false;
                kept = isKept ? rows : [];
                if (!isKept)
                    return true;
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
            }, async (db, token) =>
            {
                bytes.ForEach(each => each.Require(db));
                foreach (var row in kept)
                    await StoredImage.Rows.InsertLaterAsync(db, row, token);
                if (unsaved?.Measured is { } measured)
                    await measured.InsertAsync(db, token);
            }, isFirstTime ? () => kept : null, stopping);
        }
        catch (GenApiException full) when (full.IsTransient)
        {
            // The bytes are on the disk under their hash. Only the row is missing, and the next step finds them there.
            Log.NotSaved(logger, run.Generation.PublicId, full);
            return run.Backoff(FirstPause, LongestPause);
        }
        await end.RecordedAsync(run, stopping);
        foreach (var row in rows)
            await images.ForgetStagedAsync(row.GenerationId, row.Index, CancellationToken.None);
        return run.Generation.Status.IsTerminal() ? TimeSpan.Zero : run.Backoff(fault?.RetryAfter, FirstPause, LongestPause);
    }

    /// <param name="Count">Images that are stored, and files that are not and may be images.</param>
    /// <param name="Pixels">The pixels of all of them together; null: not known.</param>
    private readonly record struct SeenImages(int Count, long? Pixels);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Output {Index} of {GenerationId} could not be stored")]
        public static partial void NotStored(ILogger logger, int index, string generationId, Exception fault);

        [LoggerMessage(3, LogLevel.Warning, "The output of {GenerationId} could not be recorded while its files are being fetched")]
        public static partial void NotRecorded(ILogger logger, string generationId, Exception fault);

        [LoggerMessage(2, LogLevel.Warning, "The rows of the images of {GenerationId} could not be saved")]
        public static partial void NotSaved(ILogger logger, string generationId, Exception fault);
    }
}
