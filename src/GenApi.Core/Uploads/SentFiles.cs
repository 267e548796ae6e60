using System.Collections.Concurrent;
using GenApi.Core.Blobs;
using GenApi.Core.Caching;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Uploads;

/// <summary>
/// Sends our bytes to the upstream (its Files API) and returns their address there. The same bytes are sent once while the upstream stores
/// them, and concurrent callers share one transfer. A file sent by an earlier process is used again after checking that it still exists:
/// the account may have changed, and a sandbox forgets its files when its process ends.
/// </summary>
internal sealed partial class SentFiles(
    ReplicateClient client, SentFileRows rows, IBlobStore blobs, ICluster cluster, TimeProvider time, UpstreamClock clock,
    ILogger<SentFiles> logger)
{
    /// <summary>Assumed if the upstream does not say: an hour, the shortest life in its documentation.</summary>
    private static readonly TimeSpan UsualLife = TimeSpan.FromHours(1);

    private const int MostInMemory = 10_000;

    /// <summary>Bounds the time for which a file is known without a check: another instance may have deleted it at the upstream.</summary>
    private readonly CacheAge? _age = CacheAge.Where(cluster.IsShared, time);

    private readonly ConcurrentDictionary<string, (string Url, DateTimeOffset ExpiresAt, long Stamp)> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<string>> _flights = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>
    /// The later of two clocks: the upstream removes files by its own clock, and sending one again too early costs nothing.
    /// </summary>
    private DateTimeOffset Now => clock.Now is var theirs && theirs > time.GetUtcNow() ? theirs : time.GetUtcNow();

    /// <summary>Returns the address of the bytes at the upstream.</summary>
    /// <param name="sha256">The hash of a blob.</param>
    /// <param name="contentType">The content type that the bytes themselves show.</param>
    /// <param name="atLeast">How long the address must stay valid; the address of a file just sent is returned in any case.</param>
    /// <param name="cancellationToken">Cancels the wait; a transfer under way is completed.</param>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.BlobMissing"/>: the bytes are not in the store. Or the reason why the upstream did not accept them, which has
    /// cost nothing and may be tried again if it is transient.
    /// </exception>
    public Task<string> AddressOfAsync(string sha256, string contentType, TimeSpan atLeast, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(sha256, out var known) && known.ExpiresAt - Now >= atLeast && _age?.IsOver(known.Stamp) != true)
            return Task.FromResult(known.Url);
        lock (_gate)
        {
            if (!_flights.TryGetValue(sha256, out var flight))
                _flights[sha256] = flight = Task.Run(() => SendOnceAsync(sha256, contentType, atLeast), CancellationToken.None);
            return flight.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Forgets an address after a run with it failed: the upstream may have lost the file, so the next run checks first.</summary>
    public void Forget(string sha256) => _known.TryRemove(sha256, out _);

    /// <summary>Deletes files at the upstream that no row needs, and forgets those that have expired there.</summary>
    public async Task SweepAsync(ImageLibrary images, CancellationToken cancellationToken)
    {
        const int step = 100;
        await rows.RemoveExpiredAsync(Now, cancellationToken);
        for (var after = ""; ;)
        {
            var page = await rows.ListAsync(after, step, Now, cancellationToken);
            foreach (var file in page)
            {
                if (!await images.IsUsedAsync(file.Sha256, cancellationToken))
                    await DeleteAsync(file, cancellationToken);
            }
            if (page.Count < step)
                return;
            after = page[^1].Sha256;
        }
    }

    private async Task<string> SendOnceAsync(string sha256, string contentType, TimeSpan atLeast)
    {
        try
        {
            var sent = await StillThereAsync(sha256, atLeast) ?? await SendAsync(sha256, contentType);
            if (_known.Count >= MostInMemory)
                _known.Clear();
            _known[sha256] = (sent.Url, sent.ExpiresAt, _age?.Stamp ?? 0);
            return sent.Url;
        }
        finally
        {
            lock (_gate)
                _flights.Remove(sha256);
        }
    }

    private async Task<(string Url, DateTimeOffset ExpiresAt)?> StillThereAsync(string sha256, TimeSpan atLeast)
    {
        var row = await rows.FindAsync(sha256, CancellationToken.None);
        if (row is null || row.ExpiresAt - Now < atLeast)
            return null;
        try
        {
            var file = await client.GetFileAsync(row.FileId, CancellationToken.None);
            var expiresAt = file.ExpiresAt ?? row.ExpiresAt;
            return expiresAt - Now < atLeast ? null : (file.Url, expiresAt);
        }
        catch (GenApiException gone) when (gone.Kind == ErrorKind.NotFound)
        {
            return null;
        }
    }

    private async Task<(string Url, DateTimeOffset ExpiresAt)> SendAsync(string sha256, string contentType)
    {
        // A run on damaged bytes would be paid for, and its result stored as the answer for the good ones.
        var content = await blobs.OpenVerifiedAsync(sha256, CancellationToken.None)
            ?? throw new GenApiException(ErrorKind.BlobMissing, "The bytes of an input file are missing from the store.");
        // Named by its hash: the upstream must not learn the caller's file name or prompt.
        var name = sha256[..16] + (ImageFormat.Find(contentType)?.Extension ?? "");
        var sent = await client.SendFileAsync(new BlobStream(content), name, contentType, CancellationToken.None);
        var expiresAt = sent.ExpiresAt ?? Now + UsualLife;
        try
        {
            await rows.SaveAsync(sha256, sent, expiresAt, CancellationToken.None);
        }
        catch (GenApiException storage) when (storage.Kind is ErrorKind.StorageFull or ErrorKind.StorageUnavailable)
        {
            // The row only saves a transfer after a restart; the address is known here.
            Log.NotSaved(logger, sha256, storage);
        }
        return (sent.Url, expiresAt);
    }

    private async Task DeleteAsync(SentFile file, CancellationToken cancellationToken)
    {
        Forget(file.Sha256);
        try
        {
            await client.DeleteFileAsync(file.FileId, cancellationToken);
        }
        catch (GenApiException gone) when (gone.Kind == ErrorKind.NotFound)
        {
            // The file is gone, which is the goal.
        }
        await rows.RemoveAsync(file, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "GenApi could not record that the upstream has the file {Sha256}")]
        public static partial void NotSaved(ILogger logger, string sha256, Exception failure);
    }
}
