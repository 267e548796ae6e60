using System.Security.Cryptography;
using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.S3;

/// <summary>
/// An object that marks a bucket as this store's. An object that is missing counts as lost only while the mark is there: in another or a
/// recreated bucket every image would seem lost, and would be paid for again.
/// </summary>
internal sealed class S3Identity(S3Bucket bucket)
{
    public const string Name = "genapi.store";

    /// <summary>A mark that was seen this lately is still there.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Overlap = TimeSpan.FromMilliseconds(300);

    private string? _known;
    private long _seenAt;

    /// <summary>Reads the mark at start; a new store gets one.</summary>
    public async Task BeginAsync(bool hasConditionalPut, CancellationToken cancellationToken)
    {
        _known = await S3Content.ReadTextAsync(bucket, Name, cancellationToken);
        if (_known is null)
        {
            await MakeAsync(hasConditionalPut, cancellationToken);
            _known = await S3Content.ReadTextAsync(bucket, Name, cancellationToken);
        }
        Volatile.Write(ref _seenAt, TimeProvider.System.GetTimestamp());
    }

    /// <summary>Makes the mark. Of instances that start at the same moment, all read the same one.</summary>
    private async Task MakeAsync(bool hasConditionalPut, CancellationToken cancellationToken)
    {
        var mark = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        if (hasConditionalPut)
        {
            await bucket.TryPutTextAsync(Name, mark, cancellationToken);
            return;
        }
        await bucket.PutTextAsync(Name, mark, cancellationToken);
        // Here the last one's stays.
        await Task.Delay(Overlap, TimeProvider.System, cancellationToken);
    }

    /// <exception cref="GenApiException">StorageUnavailable: the bucket is gone, or is another one.</exception>
    public async Task RequireAsync(CancellationToken cancellationToken)
    {
        if (TimeProvider.System.GetElapsedTime(Volatile.Read(ref _seenAt)) < Fresh)
            return;
        if (_known is null)
        {
            // There was no room for a mark at the start.
            await BeginAsync(hasConditionalPut: false, cancellationToken);
            return;
        }
        if (await S3Content.ReadTextAsync(bucket, Name, cancellationToken) != _known)
        {
            throw new GenApiException(
                ErrorKind.StorageUnavailable, "Another bucket has taken the place of the image store. Put the old one back, or restart "
                    + "the service. Until then, no image counts as lost.")
            {
                IsTransient = true,
            };
        }
        Volatile.Write(ref _seenAt, TimeProvider.System.GetTimestamp());
    }
}
