using GenApi.Core.Generations;
using GenApi.Core.Generations.Removal;
using GenApi.Core.Images.Variants;
using GenApi.Core.Uploads;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Maintenance.Cleanup;

/// <summary>
/// Removes generations and variants of images that were not used for <see cref="MaintenanceOptions.KeepDays"/>. While the store is larger
/// than <see cref="MaintenanceOptions.MaxBytes"/> it also removes variants, then unused uploads, then generations, the longest unused
/// first.
/// </summary>
internal sealed partial class Retention(
    GenerationRetention generations, VariantRetention variants, UploadLibrary uploads, StoreSpace space,
    IOptions<MaintenanceOptions> options, ILogger<Retention> logger)
{
    /// <summary>The share of the limit that is freed beyond it, so that this does not run at every write.</summary>
    private const double ExtraRoom = 0.05;

    private const int UploadsPerStep = 20;

    /// <summary>A younger image may still be on its way to its caller.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromHours(1);

    /// <summary>Saves which generations and variants were used since the last call.</summary>
    /// <exception cref="Errors.GenApiException">They could not be saved; none is forgotten.</exception>
    public async Task SaveUsesAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await generations.SaveUsesAsync(now, cancellationToken);
        await variants.SaveUsesAsync(cancellationToken);
    }

    /// <summary>Removes by age.</summary>
    public async Task ForgetUnusedAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (options.Value.KeepDays is not (> 0 and var days))
            return;
        var before = space.Bytes;
        var (removed, derived) = (0, 0);
        var rule = new RetentionRule(now - Young, Generation.DayOf(now).AddDays(-days), Bytes: null);
        for (RetentionStep step = default; !step.IsLast; removed += step.Removed)
            step = await generations.RemoveAsync(rule, step.Place, cancellationToken);
        for (var step = 1; step > 0; derived += step)
            step = await variants.RemoveAsync(rule.NotUsedSince, bytes: null, cancellationToken);
        if (removed + derived > 0)
            Log.Aged(logger, removed, days, derived, before - space.Bytes);
    }

    /// <summary>Removes by size. While there is room it only reads a counter.</summary>
    public async Task MakeRoomAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!space.IsOver)
        {
            space.IsStuck = false;
            return;
        }
        var (most, before) = (space.MaxBytes!.Value, space.Bytes!.Value);
        var mark = (long)(most * (1 - ExtraRoom));
        var (derived, sent, made) = (0, 0, 0);
        for (var step = 1; step > 0 && space.Bytes > mark; derived += step)
            step = await variants.RemoveAsync(DateOnly.MaxValue, space.Bytes - mark, cancellationToken);
        for (var step = UploadsPerStep; step > 0 && space.Bytes > mark; sent += step)
            step = await uploads.RemoveUnusedAsync(now - Young, UploadsPerStep, cancellationToken);
        for (RetentionStep step = default; !step.IsLast && space.Bytes > mark; made += step.Removed)
            step = await generations.RemoveAsync(
                new RetentionRule(now - Young, DateOnly.MaxValue, space.Bytes - mark), step.Place, cancellationToken);
        if (derived + sent + made > 0)
            Log.MadeRoom(logger, derived, sent, made, before - space.Bytes!.Value, before, most);
        var isStuck = space.IsOver;
        if (isStuck && !space.IsStuck)
            Log.Stuck(logger, space.Bytes!.Value, most);
        space.IsStuck = isStuck;
    }

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Information,
            "Retention removed {Generations} generations that were not used for {Days} days, and {Variants} variants, with {Bytes} bytes")]
        public static partial void Aged(ILogger logger, int generations, int days, int variants, long? bytes);

        [LoggerMessage(
            2, LogLevel.Information,
            "Retention removed {Variants} variants, {Uploads} uploads and {Generations} generations, the longest unused, {Bytes} bytes in "
            + "all: the store had {Before}, and Upkeep:MaxBytes is {Most}")]
        public static partial void MadeRoom(
            ILogger logger, int variants, int uploads, int generations, long bytes, long before, long most);

        [LoggerMessage(
            3, LogLevel.Warning, "The store has {Bytes} bytes, more than Upkeep:MaxBytes ({Most}), and everything left is pinned, "
            + "unfinished, has an undelivered webhook, or is younger than an hour")]
        public static partial void Stuck(ILogger logger, long bytes, long most);
    }
}
