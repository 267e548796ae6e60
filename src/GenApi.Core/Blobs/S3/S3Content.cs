using System.Globalization;
using System.Text;
using Amazon.Runtime;
using Amazon.S3.Model;
using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.S3;

/// <summary>
/// An open object. Reads that follow each other stream one answer of the server. A body that stalls or breaks off goes on with a new
/// request from where it ended.
/// </summary>
internal sealed class S3Content : BlobContent
{
    private const int MostBreaks = 3, LongestText = 1024;

    private readonly S3Bucket _bucket;
    private readonly string _name;
    private readonly DateTimeOffset _openedAt;
    private readonly SemaphoreSlim _gate = new(1);
    private GetObjectResponse? _answer;
    private long _at;
    private bool _isDisposed;

    private S3Content(S3Bucket bucket, string name, long length, GetObjectResponse? answer, long at)
    {
        (_bucket, _name, Length, _answer, _at) = (bucket, name, length, answer, at);
        _openedAt = TimeProvider.System.GetUtcNow();
    }

    public override long Length { get; }

    internal override BlobStamp Stamp => new(_name, Length, _openedAt.UtcDateTime);

    /// <summary>Opens an object; null if there is none.</summary>
    public static async Task<S3Content?> OpenAsync(S3Bucket bucket, string name, BlobRange range, CancellationToken cancellationToken)
    {
        try
        {
            return await bucket.GetAsync(name, range, cancellationToken) is { } answer
                ? new S3Content(bucket, name, range.IsAll ? answer.ContentLength : TotalOf(answer), answer, range.Offset)
                : null;
        }
        catch (AmazonServiceException outside) when (S3Failure.Of(outside) is null)
        {
            // The object is shorter than the range expects. The caller compares the length and says so.
            return await bucket.HeadAsync(name, cancellationToken) is { } head
                ? new S3Content(bucket, name, head.ContentLength, null, 0)
                : null;
        }
    }

    /// <summary>Reads the begin of a small object as text; null if there is none.</summary>
    public static async Task<string?> ReadTextAsync(S3Bucket bucket, string name, CancellationToken cancellationToken)
    {
        using var content = await OpenAsync(bucket, name, BlobRange.All, cancellationToken);
        if (content is null)
            return null;
        var bytes = new byte[Math.Min(LongestText, content.Length)];
        var at = 0;
        while (at < bytes.Length && await content.ReadAsync(bytes.AsMemory(at), at, cancellationToken) is var read and > 0)
            at += read;
        return Encoding.UTF8.GetString(bytes, 0, at);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        if (offset >= Length || buffer.IsEmpty)
            return 0;
        await _gate.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            for (var breaks = 0; ; breaks++)
            {
                if (_answer is null || _at != offset)
                    await ReopenAsync(offset, cancellationToken);
                if (await TryReadAsync(buffer, breaks, cancellationToken) is var count and > 0)
                {
                    _at += count;
                    return count;
                }
                // Where the asked range ended, or the server broke off.
                Close();
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public override void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Close();
        _gate.Dispose();
    }

    /// <returns>0 if the body is over or has broken off.</returns>
    private async Task<int> TryReadAsync(Memory<byte> buffer, int breaks, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(_bucket.Patience);
        try
        {
            var count = await _answer!.ResponseStream.ReadAsync(buffer, timer.Token);
            return count > 0 || breaks < MostBreaks
                ? count
                : throw S3Failure.ToGenApi(S3Fault.Passing, new EndOfStreamException("The object ends early, again and again."));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && failure is not GenApiException
            && S3Failure.Of(failure) is { } fault)
        {
            return breaks < MostBreaks ? 0 : throw S3Failure.ToGenApi(fault, failure);
        }
    }

    private async Task ReopenAsync(long offset, CancellationToken cancellationToken)
    {
        Close();
        _answer = await _bucket.GetAsync(_name, new BlobRange(offset, null), cancellationToken)
            ?? throw S3Failure.ToGenApi(S3Fault.Missing, new FileNotFoundException("The object was deleted while it was read."));
        _at = offset;
    }

    private void Close()
    {
        _answer?.Dispose();
        _answer = null;
    }

    /// <summary>Reads the length of the whole object from the answer to a range.</summary>
    private static long TotalOf(GetObjectResponse answer) =>
        answer.ContentRange is { } text && text.LastIndexOf('/') is var slash and > 0
            && long.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var total)
            ? total
            : throw S3Failure.ToGenApi(S3Fault.Refused, new InvalidDataException("The server sent no Content-Range."));
}
