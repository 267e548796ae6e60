using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.S3;

/// <summary>Putting bytes: at once, or in parts if there are many. The server compares them with the hash of the request.</summary>
internal sealed partial class S3BlobStore
{
    /// <summary>Larger blobs are put in parts of this size, so that a lost connection does not cost the whole upload.</summary>
    internal const int PartLength = 16 << 20;

    private const string Trial = "tmp/trial";

    public async Task TryWriteAsync(CancellationToken cancellationToken)
    {
        await _bucket.PutTextAsync(Trial, "?", cancellationToken);
        await _bucket.DeleteAsync(Trial, cancellationToken);
        _health.Succeeded();
    }

    private async Task<BlobCommit> PublishAsync(StagedFile staged, string key, CancellationToken cancellationToken)
    {
        var name = NameOf(key);
        cancellationToken.ThrowIfCancellationRequested();
        // Together, since either may come first: a receipt without its blob leads to nothing, and no row names the blob before both are
        // there.
        var receipt = _receipts.LeaveAsync(staged.Receipt, key, CancellationToken.None);
        BlobCommit commit;
        try
        {
            commit = staged.Length > PartLength ? await PutLargeAsync(staged, name) : await PutSmallAsync(staged, name);
        }
        catch
        {
            await receipt.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
        await receipt;
        _health.Succeeded();
        if (commit == BlobCommit.Stored)
            _total.Add(staged.Length);
        return commit;
    }

    private async Task<BlobCommit> PutSmallAsync(StagedFile staged, string name)
    {
        var isConditional = _abilities is { HasConditionalPut: true };
        if (!isConditional && await IsThereAsync(staged, name))
            return BlobCommit.AlreadyThere;
        if (await TryPutAsync(staged, name, isConditional))
            return BlobCommit.Stored;
        // It is there. Where an earlier attempt's answer was lost, it is ours.
        if (await IsThereAsync(staged, name))
            return BlobCommit.AlreadyThere;
        await TryPutAsync(staged, name, isConditional: false);
        return BlobCommit.Stored;
    }

    /// <returns>False if there is such an object, whatever its length, and the put asked for none.</returns>
    private async Task<bool> TryPutAsync(StagedFile staged, string name, bool isConditional)
    {
        try
        {
            await _bucket.CallAsync(
                async (client, token) =>
                {
                    await using var body = new StagedStream(staged, 0, staged.Length);
                    return await client.PutObjectAsync(
                        new PutObjectRequest
                        {
                            BucketName = _bucket.Name,
                            Key = _bucket.ObjectOf(name),
                            InputStream = body,
                            AutoCloseStream = false,
                            ContentType = "application/octet-stream",
                            IfNoneMatch = isConditional ? "*" : null,
                            UseChunkEncoding = false,
                        },
                        token);
                },
                staged.Length, CancellationToken.None);
            return true;
        }
        catch (AmazonS3Exception there) when (isConditional && there.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
    }

    private async Task<BlobCommit> PutLargeAsync(StagedFile staged, string name)
    {
        if (await IsThereAsync(staged, name))
            return BlobCommit.AlreadyThere;
        var (bucket, key) = (_bucket.Name, _bucket.ObjectOf(name));
        var begun = await _bucket.CallAsync(
            (client, token) => client.InitiateMultipartUploadAsync(
                new InitiateMultipartUploadRequest { BucketName = bucket, Key = key, ContentType = "application/octet-stream" }, token),
            CancellationToken.None);
        var upload = begun?.UploadId ?? throw NoUpload();
        try
        {
            var parts = new List<PartETag>();
            for (var at = 0L; at < staged.Length; at += PartLength)
                parts.Add(await PutPartAsync(staged, key, upload, at, parts.Count + 1));
            var completed = await _bucket.CallAsync(
                (client, token) => client.CompleteMultipartUploadAsync(
                    new CompleteMultipartUploadRequest { BucketName = bucket, Key = key, UploadId = upload, PartETags = parts }, token),
                // The server may have to copy the parts.
                staged.Length, CancellationToken.None);
            // The upload is unknown where an earlier attempt completed it, and its answer was lost.
            if (completed is null && !await IsThereAsync(staged, name))
                throw NoUpload();
            return BlobCommit.Stored;
        }
        catch
        {
            await AbortAsync(key, upload, CancellationToken.None);
            throw;
        }
    }

    private async Task<PartETag> PutPartAsync(StagedFile staged, string key, string upload, long at, int number)
    {
        var length = Math.Min(PartLength, staged.Length - at);
        var put = await _bucket.CallAsync(
            async (client, token) =>
            {
                await using var body = new StagedStream(staged, at, length);
                return await client.UploadPartAsync(
                    new UploadPartRequest
                    {
                        BucketName = _bucket.Name,
                        Key = key,
                        UploadId = upload,
                        PartNumber = number,
                        PartSize = length,
                        InputStream = body,
                        UseChunkEncoding = false,
                    },
                    token);
            },
            length, CancellationToken.None) ?? throw NoUpload();
        return new PartETag(number, put.ETag);
    }

    private async Task AbortAsync(string key, string upload, CancellationToken cancellationToken)
    {
        try
        {
            await _bucket.CallAsync(
                (client, token) => client.AbortMultipartUploadAsync(_bucket.Name, key, upload, token), cancellationToken);
        }
        catch (GenApiException)
        {
            // The daily sweep aborts it; this failure must not hide the caller's own.
        }
    }

    private async Task<bool> IsThereAsync(StagedFile staged, string name) =>
        await _bucket.HeadAsync(name, CancellationToken.None) is { } head && head.ContentLength == staged.Length;

    private static GenApiException NoUpload() =>
        S3Failure.ToGenApi(S3Fault.Missing, new InvalidOperationException("The server does not know the upload that it began."));
}
