using System.Security.Cryptography;
using GenApi.Core.Blobs;
using GenApi.Core.Caching;
using GenApi.Core.Cluster;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Library;
using GenApi.Core.Images.Metadata;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Images.Variants;

/// <summary>
/// Makes images in other sizes and formats, each once, and keeps them as derived blobs: bytes first, then the row. A variant that can't be
/// kept is served all the same. Originals are only read.
/// </summary>
internal sealed partial class VariantLibrary
{
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly DatabaseWriter _writer;
    private readonly IBlobStore _blobs;
    private readonly ImageLibrary _images;
    private readonly ImageConverter _converter;
    private readonly StoreGate _gate;
    private readonly VariantRetention _retention;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly byte[]? _mark;
    private readonly VersionedCache<(Guid ImageId, VariantRequest Request), KeptVariant> _recent;
    private readonly SharedWork<(Guid ImageId, VariantRequest Request), KeptVariant> _work = new();
    private readonly RecentFailures _failures;
    private readonly CountTable _counts = new("outcome");
    private int _isFull;

    public VariantLibrary(
        IDbContextFactory<GenApiDbContext> contexts, DatabaseWriter writer, IBlobStore blobs, ImageLibrary images, ImageConverter converter,
        StoreGate gate, VariantRetention retention, IOptions<VariantsOptions> options, GenApiMetrics metrics, ICluster cluster,
        TimeProvider time, ILogger<VariantLibrary> logger)
    {
        (_contexts, _writer, _blobs, _images, _converter) = (contexts, writer, blobs, images, converter);
        (_gate, _retention, _time, _logger, _failures) = (gate, retention, time, logger, new RecentFailures(time));
        _recent = new(capacity: 10_000, age: CacheAge.Where(cluster.IsShared, time));
        _mark = options.Value.Mark ? ImageMark.Xmp() : null;
        metrics.Meter.CreateObservableCounter(
            "genapi.images.variants", _counts.Read, "{variant}", "Variants of images that were made, by outcome: kept, not_kept, failed.");
    }

    /// <summary>Finds a variant, or makes it. Callers who want the same one at the same time share the work.</summary>
    /// <param name="image">The original, which the caller may see.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="cancellationToken">Ends the wait; the work goes on while anybody waits for it.</param>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.ImageNotConvertible"/>: the original is damaged or exceeds a limit. <see cref="ErrorKind.Overloaded"/>: too
    /// many conversions wait. <see cref="ErrorKind.BlobMissing"/> and <see cref="ErrorKind.NotFound"/>, as for the original.
    /// </exception>
    public ValueTask<KeptVariant> GetAsync(StoredImage image, VariantRequest request, CancellationToken cancellationToken)
    {
        if (!_recent.TryGet((image.Id, request), out var known))
            return new(_work.JoinAsync((image.Id, request), stop => FindOrMakeAsync(image, request, stop), cancellationToken));
        _retention.Used(known);
        return ValueTask.FromResult(known);
    }

    /// <summary>Opens a variant; the caller disposes the content. If its bytes were lost, it is made again.</summary>
    /// <param name="image">The original.</param>
    /// <param name="request">The request that gave the variant.</param>
    /// <param name="variant">The result of <see cref="GetAsync"/>.</param>
    /// <param name="cancellationToken">As for <see cref="GetAsync"/>.</param>
    /// <returns>The variant that is open: the given one, or the new one.</returns>
    /// <exception cref="GenApiException">As from <see cref="GetAsync"/>.</exception>
    public async ValueTask<(KeptVariant Variant, BlobContent Content)> OpenAsync(
        StoredImage image, VariantRequest request, KeptVariant variant, CancellationToken cancellationToken)
    {
        if (await TryOpenAsync(variant, cancellationToken) is { } content)
            return (variant, content);
        await ForgetAsync(variant, request);
        var again = await GetAsync(image, request, cancellationToken);
        return await TryOpenAsync(again, cancellationToken) is { } found
            ? (again, found)
            : throw new GenApiException(ErrorKind.StorageUnavailable, "The copy can't be read back. Try again.") { IsTransient = true };
    }

    /// <returns>Null if the bytes are lost.</returns>
    private async ValueTask<BlobContent?> TryOpenAsync(KeptVariant variant, CancellationToken cancellationToken)
    {
        if (variant.Bytes is { } bytes)
            return new MemoryContent(bytes);
        var content = await _blobs.OpenAsync(variant.Sha256, cancellationToken);
        if (content?.Length == variant.Length)
            return content;
        content?.Dispose();
        return null;
    }

    /// <summary>Deletes the row of a variant whose bytes are gone.</summary>
    private async Task ForgetAsync(KeptVariant variant, VariantRequest request)
    {
        _recent.Remove((variant.ImageId, request));
        await _writer.WriteAsync(
            (db, token) => db.Set<ImageVariant>().Where(row => row.Id == variant.Id).ExecuteDeleteAsync(token), CancellationToken.None);
    }

    private async Task<KeptVariant> FindOrMakeAsync(StoredImage image, VariantRequest request, CancellationToken cancellationToken)
    {
        var version = _recent.Version;
        var recipe = request.Recipe(_mark is not null);
        var row = await _contexts.ReadAsync(db => VariantRows.FindAsync(db, image.Id, recipe, cancellationToken), cancellationToken);
        var variant = row is not null
            ? new KeptVariant(row)
            : await MakeAsync(image, request, recipe, cancellationToken);
        _retention.Used(variant);
        if (variant.Bytes is null)
            _recent.Put((image.Id, request), variant, version);
        return variant;
    }

    private async Task<KeptVariant> MakeAsync(
        StoredImage image, VariantRequest request, string recipe, CancellationToken cancellationToken)
    {
        _failures.ThrowIfKnown(image.Id, request);
        ConvertedImage made;
        try
        {
            made = await _converter.ConvertAsync(
                new OriginalImage(image.Bytes, stop => _images.ReadWholeAsync(image, stop)), request.ToConversion(_mark),
                cancellationToken);
        }
        catch (GenApiException failure) when (failure.Kind == ErrorKind.ImageNotConvertible)
        {
            _failures.Add(image.Id, request, failure);
            _counts.Add(1, "failed");
            throw;
        }
        // The work is done, so from here on nobody's leaving ends it.
        var row = await KeepAsync(image, recipe, made);
        _counts.Add(1, row.IsKept ? "kept" : "not_kept");
        return new KeptVariant(row.Row, row.IsKept ? null : made.Bytes);
    }

    private async Task<(ImageVariant Row, bool IsKept)> KeepAsync(StoredImage image, string recipe, ConvertedImage made)
    {
        var row = new ImageVariant
        {
            Id = Guid.CreateVersion7(_time.GetUtcNow()),
            ImageId = image.Id,
            Recipe = recipe,
            BlobKey = Convert.ToHexStringLower(SHA256.HashData(made.Bytes)),
            ContentType = made.ContentType,
            Width = made.Width,
            Height = made.Height,
            Bytes = made.Bytes.Length,
            CreatedAt = _time.GetUtcNow(),
            UsedOn = _retention.Today,
        };
        try
        {
            // The last room on the disk belongs to images that were paid for.
            _gate.Require();
            var kept = await StoreAsync(row, made.Bytes) ?? throw new GenApiException(ErrorKind.NotFound, "There is no such image.");
            Interlocked.Exchange(ref _isFull, 0);
            return (kept, true);
        }
        catch (GenApiException failure) when (failure.Kind is ErrorKind.StorageFull or ErrorKind.StorageUnavailable)
        {
            if (Interlocked.Exchange(ref _isFull, 1) == 0)
                Log.NotKept(_logger, failure);
            return (row, false);
        }
    }

    /// <returns>The row that is there now; null if the image was deleted.</returns>
    private async Task<ImageVariant?> StoreAsync(ImageVariant row, byte[] bytes)
    {
        var isUsed = false;
        try
        {
            using var staged = await _images.StageAsync(new MemoryStream(bytes), CancellationToken.None);
            var added = await _writer.WriteAsync(
                (db, token) =>
                {
                    staged.Require(db);
                    return VariantRows.AddAsync(db, row, token);
                },
                CancellationToken.None);
            isUsed = added.Row?.BlobKey == row.BlobKey;
            await _retention.FreeAsync(added.Removed);
            return added.Row;
        }
        finally
        {
            if (!isUsed)
                await _images.DeleteUnusedAsync(row.BlobKey, CancellationToken.None);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            1, LogLevel.Warning,
            "A variant of an image could not be kept. Until the store works again, variants are made for each request")]
        public static partial void NotKept(ILogger logger, Exception failure);
    }
}
