using System.Collections.Concurrent;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Images;
using GenApi.Core.Images.Library;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Uploads;

/// <summary>
/// Gets bytes of ours to the upstream (its Files API) and tells the address they have there. The same bytes are sent once while the upstream
/// keeps them: several who need them at once share one sending, and what an earlier process sent is used again after one look whether it is
/// still there, for the account may be another by now, and a sandbox forgets when its process ends.
/// </summary>
internal sealed partial class SentFiles(
    ReplicateClient client, SentFileRows rows, IBlobStore blobs, TimeProvider time, UpstreamClock clock, ILogger<SentFiles> logger)
{
    /// <summary>When the upstream does not tell: an hour, the shortest that its documentation shows.</summary>
    private static readonly TimeSpan UsualLife = TimeSpan.FromHours(1);

    private const int MostInMemory = 10_000;

    private readonly ConcurrentDictionary<string, (string Url, DateTimeOffset ExpiresAt)> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<string>> _flights = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();

    /// <summary>
    /// The later of two clocks: the upstream removes files by its own, and one that is sent again too early costs nothing.
    /// </summary>
    private DateTimeOffset Now => clock.Now is var theirs && theirs > time.GetUtcNow() ? theirs : time.GetUtcNow();

    /// <summary>The address of the bytes at the upstream.</summary>
    /// <param name="sha256">Of a blob.</param>
    /// <param name="contentType">As the bytes themselves say.</param>
    /// <param name="atLeast">How long the address must still be good for; what is just sent is taken in any case.</param>
    /// <param name="cancellationToken">Ends the wait; a sending under way is seen through.</param>
    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.BlobMissing"/>: the bytes are not in the store; or whatever keeps the upstream from taking them, which has
    /// cost nothing and may be tried again where it is transient.
    /// </exception>
    public Task<string> AddressOfAsync(string sha256, string contentType, TimeSpan atLeast, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(sha256, out var known) && known.ExpiresAt - Now >= atLeast)
            return Task.FromResult(known.Url);
        lock (_gate)
        {
            if (!_flights.TryGetValue(sha256, out var flight))
                _flights[sha256] = flight = Task.Run(() => FlyAsync(sha256, contentType, atLeast), CancellationToken.None);
            return flight.WaitAsync(cancellationToken);
        }
    }

    /// <summary>A run that used them failed, perhaps because the upstream has lost them: the next one looks before it relies on them.</summary>
    public void Doubt(string sha256) => _known.TryRemove(sha256, out _);

    /// <summary>Takes away at the upstream what nobody here needs any more, and forgets what has expired there.</summary>
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
                    await TakeAwayAsync(file, cancellationToken);
            }
            if (page.Count < step)
                return;
            after = page[^1].Sha256;
        }
    }

    private async Task<string> FlyAsync(string sha256, string contentType, TimeSpan atLeast)
    {
        try
        {
            var sent = await StillThereAsync(sha256, atLeast) ?? await SendAsync(sha256, contentType);
            if (_known.Count >= MostInMemory)
                _known.Clear();
            _known[sha256] = sent;
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
        // A run on damaged bytes would be paid for, and be kept as the answer to the good ones.
        var isWhole = (await blobs.VerifyAsync(sha256, CancellationToken.None)).Verdict == BlobVerdict.Whole;
        var content = (isWhole ? await blobs.OpenAsync(sha256, CancellationToken.None) : null)
            ?? throw new GenApiException(ErrorKind.BlobMissing, "The bytes of an input file are missing from the store.");
        // Named by its hash: what the caller called it, or prompted, is nobody's business there.
        var name = sha256[..16] + (ImageFormat.Find(contentType)?.Extension ?? "");
        var sent = await client.SendFileAsync(new BlobStream(content), name, contentType, CancellationToken.None);
        var expiresAt = sent.ExpiresAt ?? Now + UsualLife;
        try
        {
            await rows.SaveAsync(sha256, sent, expiresAt, CancellationToken.None);
        }
        catch (GenApiException storage) when (storage.Kind is ErrorKind.StorageFull or ErrorKind.StorageUnavailable)
        {
            // The row only saves a sending after a restart; the address is here.
            Log.NotKept(logger, sha256, storage);
        }
        return (sent.Url, expiresAt);
    }

    private async Task TakeAwayAsync(SentFile file, CancellationToken cancellationToken)
    {
        Doubt(file.Sha256);
        try
        {
            await client.DeleteFileAsync(file.FileId, cancellationToken);
        }
        catch (GenApiException gone) when (gone.Kind == ErrorKind.NotFound)
        {
            // That is what was wanted.
        }
        await rows.RemoveAsync(file, cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "That the upstream has the file {Sha256} could not be kept")]
        public static partial void NotKept(ILogger logger, string sha256, Exception failure);
    }
}
