using Amazon.S3.Model;
using GenApi.Tests.Servers;

namespace GenApi.Tests;

/// <summary>
/// The blobs of one service under test, on the disk or on S3, to be read and damaged behind the service's back. The services of one
/// cluster share them.
/// </summary>
internal sealed class TestBlobs(string dataDirectory, bool isS3) : IAsyncDisposable
{
    /// <summary>Places of what is no blob.</summary>
    private static readonly string[] NoBlobs = ["tmp/", "quarantine/", "receipts/"];

    private readonly string _prefix = S3Server.NewPrefix();

    public string Folder => Path.Combine(dataDirectory, "blobs");

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    public async Task<Dictionary<string, string?>> SettingsAsync() => isS3 ? (await S3Server.SharedAsync()).Settings(_prefix) : [];

    /// <summary>Lists the keys of all committed blobs in their order.</summary>
    public async Task<string[]> KeysAsync()
    {
        if (isS3)
            return [.. (await ObjectsAsync()).Select(KeyOf).OfType<string>().Order(StringComparer.Ordinal)];
        if (!Directory.Exists(Folder))
            return [];
        return [.. Directory.GetFiles(Folder, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Folder, file)).Select(KeyOf).OfType<string>().Order(StringComparer.Ordinal)];
    }

    /// <summary>Lists what is neither a blob nor belongs to the store: half-written files and receipts.</summary>
    public string[] Leftovers() => Directory.Exists(Path.Combine(Folder, "tmp")) ? Directory.GetFiles(Path.Combine(Folder, "tmp")) : [];

    public async Task<byte[]> ReadAsync(string key)
    {
        if (!isS3)
            return await File.ReadAllBytesAsync(PathOf(key), Ended);
        using var client = (await S3Server.SharedAsync()).Client();
        using var answer = await client.GetObjectAsync(S3Server.Bucket, await NameAsync(key), Ended);
        using var bytes = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(bytes, Ended);
        return bytes.ToArray();
    }

    /// <summary>Puts bytes in the place of a blob that is there, such as damaged ones.</summary>
    public async Task WriteAsync(string key, byte[] bytes)
    {
        if (!isS3)
        {
            await File.WriteAllBytesAsync(PathOf(key), bytes, Ended);
            return;
        }
        using var client = (await S3Server.SharedAsync()).Client();
        using var stream = new MemoryStream(bytes);
        await client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = S3Server.Bucket,
            Key = await NameAsync(key),
            InputStream = stream,
            UseChunkEncoding = false,
        }, Ended);
    }

    public async Task<bool> IsInQuarantineAsync(string key) => isS3
        ? (await ObjectsAsync()).Any(name => name.EndsWith($"quarantine/{key}", StringComparison.Ordinal))
        : File.Exists(Path.Combine(Folder, "quarantine", key));

    /// <summary>Damages a blob and leaves its length as it is.</summary>
    public async Task FlipAsync(string key)
    {
        var bytes = await ReadAsync(key);
        bytes[bytes.Length / 2] ^= 1;
        await WriteAsync(key, bytes);
    }

    public async Task DeleteAsync(string key)
    {
        if (!isS3)
        {
            File.Delete(PathOf(key));
            return;
        }
        using var client = (await S3Server.SharedAsync()).Client();
        await client.DeleteObjectAsync(S3Server.Bucket, await NameAsync(key), Ended);
    }

    public async ValueTask DisposeAsync()
    {
        if (!isS3)
            return;
        using var client = (await S3Server.SharedAsync()).Client();
        foreach (var names in (await ObjectsAsync()).Chunk(500))
        {
            await client.DeleteObjectsAsync(new DeleteObjectsRequest
            {
                BucketName = S3Server.Bucket,
                Objects = [.. names.Select(name => new KeyVersion { Key = name })],
            });
        }
    }

    private string PathOf(string key) => Path.Combine(Folder, key[..2], key);

    private async Task<List<string>> ObjectsAsync()
    {
        using var client = (await S3Server.SharedAsync()).Client();
        var names = new List<string>();
        var request = new ListObjectsV2Request { BucketName = S3Server.Bucket, Prefix = _prefix };
        ListObjectsV2Response page;
        do
        {
            page = await client.ListObjectsV2Async(request);
            names.AddRange((page.S3Objects ?? []).Select(each => each.Key));
            request.ContinuationToken = page.NextContinuationToken;
        }
        while (page.IsTruncated == true);
        return names;
    }

    private async Task<string> NameAsync(string key) => (await ObjectsAsync()).Single(name => KeyOf(name) == key);

    /// <summary>The last part of a blob's name is its key, wherever in the prefix the store puts it.</summary>
    private static string? KeyOf(string name) => name[(name.LastIndexOf('/') + 1)..] is { Length: 64 } key
        && !Array.Exists(NoBlobs, each => name.Contains(each, StringComparison.Ordinal)) ? key : null;
}
