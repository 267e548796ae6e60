using GenApi.Core.Diagnostics;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Generations.Reading;

/// <summary>
/// Records images whose bytes turned out to be missing or damaged. Their rows say so from then on, and their generations answer no request
/// any more, so the next request makes the image again. No caller gets a link to bytes that are known to be gone.
/// </summary>
internal sealed partial class MissingImages
{
    private readonly DatabaseWriter _writer;
    private readonly GenerationCache _cache;
    private readonly ImageLibrary _images;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CountTable _counts = new("reason");
    private long _missing, _damaged;

    public MissingImages(
        DatabaseWriter writer, GenerationCache cache, ImageLibrary images, GenApiMetrics metrics, TimeProvider time,
        ILogger<MissingImages> logger)
    {
        (_writer, _cache, _images, _time, _logger) = (writer, cache, images, time, logger);
        metrics.Meter.CreateObservableCounter(
            "genapi.images.lost", _counts.Read, "{image}", "Images whose bytes were found to be missing or damaged.");
    }

    /// <summary>Images found without their bytes since the start of the process.</summary>
    public long Missing => Interlocked.Read(ref _missing);

    /// <summary>Images found with other bytes than theirs since the start of the process.</summary>
    public long Damaged => Interlocked.Read(ref _damaged);

    /// <summary>Records that the bytes of an image are not in the store, unless they are after all.</summary>
    public Task MissingAsync(StoredImage image, CancellationToken cancellationToken) =>
        NoteAsync(image.BlobKey, image.Bytes, isDamaged: false, cancellationToken);

    /// <summary>
    /// Records that bytes are lost, for all images that have them. It does nothing if they are back, or no image needs them.
    /// </summary>
    /// <param name="blobKey">Of the bytes.</param>
    /// <param name="length">The length that they must have; null: any.</param>
    /// <param name="isDamaged">Whether other bytes were there, which have been put aside.</param>
    /// <param name="cancellationToken">Ends the wait for the writer.</param>
    public async Task NoteAsync(string blobKey, long? length, bool isDamaged, CancellationToken cancellationToken)
    {
        // A remote store is asked here and not in the transaction, where every other write would wait for its answer.
        if (await _images.HasAsync(blobKey, length, cancellationToken))
            return;
        var loss = await _writer.WriteAsync((db, token) => WithdrawAsync(db, [blobKey], token), cancellationToken);
        CompleteWithdrawal(loss, isDamaged);
    }

    /// <summary>Records the loss in the caller's transaction; after its commit call <see cref="CompleteWithdrawal"/>.</summary>
    public async Task<ImageLoss> WithdrawAsync(
        GenApiDbContext db, IReadOnlyCollection<string> blobKeys, CancellationToken cancellationToken)
    {
        // If the store itself is not there, nothing in it counts as lost.
        if (_images.Fault is not null)
            return ImageLoss.None;
        var rows = await db.Set<StoredImage>().AsNoTracking()
            .Where(image => blobKeys.Contains(image.BlobKey)).ToListAsync(cancellationToken);
        rows.RemoveAll(_images.IsKnownToBeThere);
        if (rows.Count == 0)
            return ImageLoss.None;
        var (ids, owners) = (rows.ConvertAll(image => image.Id), rows.ConvertAll(image => image.GenerationId));
        var now = _time.GetUtcNow();
        await db.Set<StoredImage>().Where(image => ids.Contains(image.Id) && image.LostAt == null)
            .ExecuteUpdateAsync(set => set.SetProperty(image => image.LostAt, now), cancellationToken);
        var answers = await db.Set<Generation>().Where(row => owners.Contains(row.Id) && row.IsAnswer).ToListAsync(cancellationToken);
        foreach (var row in answers)
        {
            row.MarkIncomplete();
            row.Touch();
        }
        await db.SaveChangesAsync(cancellationToken);
        return new([.. rows.Where(image => image.LostAt is null)], [.. rows], answers);
    }

    /// <summary>Takes the answers out of memory, logs the loss and counts it; call it after the commit.</summary>
    public void CompleteWithdrawal(ImageLoss loss, bool isDamaged)
    {
        _images.Refresh(loss.All.Select(image => image.Id));
        loss.Answers.ForEach(_cache.Remove);
        if (loss.New.Count == 0)
            return;
        Interlocked.Add(ref isDamaged ? ref _damaged : ref _missing, loss.New.Count);
        _counts.Add(loss.New.Count, isDamaged ? "damaged" : "missing");
        foreach (var image in loss.New)
        {
            var id = PublicId.Format(image.IsImage ? PublicId.Image : PublicId.File, image.Id);
            var generation = PublicId.Format(PublicId.Generation, image.GenerationId);
            Log.Lost(_logger, id, generation, isDamaged ? "damaged, and were put aside" : "missing");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error,
            "The bytes of {Image} of {GenerationId} are {How}: it answers no request any more, and the next one makes it again")]
        public static partial void Lost(ILogger logger, string image, string generationId, string how);
    }
}

/// <summary>A loss that <see cref="MissingImages"/> recorded in a transaction.</summary>
/// <param name="New">Images that were not known to be lost.</param>
/// <param name="All">All lost images.</param>
/// <param name="Answers">Generations that answer no request any more.</param>
internal sealed record ImageLoss(IReadOnlyList<StoredImage> New, IReadOnlyList<StoredImage> All, List<Generation> Answers)
{
    public static ImageLoss None { get; } = new([], [], []);
}
