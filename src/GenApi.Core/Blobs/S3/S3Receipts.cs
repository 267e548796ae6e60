using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.S3;

/// <summary>
/// Receipts as small objects, <c>receipts/&lt;receipt&gt;</c>, that hold a key. They are put while the blob itself is, and any instance can
/// read them. A receipt whose blob is not there leads to nothing.
/// </summary>
internal sealed class S3Receipts(S3Bucket bucket)
{
    public const string Folder = "receipts/";

    private const int PageLength = 1000;

    /// <summary>Puts a receipt, if there is a name.</summary>
    public Task LeaveAsync(string? receipt, string key, CancellationToken cancellationToken) =>
        receipt is null ? Task.CompletedTask : bucket.PutTextAsync(Folder + receipt, key, cancellationToken);

    /// <summary>Opens the blob of a receipt; null if there is none.</summary>
    public async Task<Stream?> OpenAsync(
        string receipt, Func<string, CancellationToken, Task<Stream?>> open, CancellationToken cancellationToken)
    {
        try
        {
            return await S3Content.ReadTextAsync(bucket, Folder + receipt, cancellationToken) is { } key && BlobKey.IsValid(key)
                ? await open(key, cancellationToken)
                : null;
        }
        catch (GenApiException)
        {
            // The caller has another way to the bytes.
            return null;
        }
    }

    public async Task<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await bucket.ListAsync(Folder, PageLength, cancellationToken).Select(each => each.Name[Folder.Length..])
                .ToListAsync(cancellationToken);
        }
        catch (GenApiException)
        {
            // Receipts that nobody needs only take up space until the sweep.
            return [];
        }
    }

    public async Task DropAsync(string receipt, CancellationToken cancellationToken)
    {
        try
        {
            await bucket.DeleteAsync(Folder + receipt, cancellationToken);
        }
        catch (GenApiException)
        {
            // It leads to bytes that are needed anyway. The next start or the sweep tries again.
        }
    }
}
