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

    /// <summary>
    /// The setting <c>Blobs:HotBytes</c> of services whose bytes are lost: what is in memory is served for a while without a request to S3,
    /// but not without a look at the file.
    /// </summary>
    public static string HotBytes { get; } = StoreKind.IsS3 ? "0" : "25165824";

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

    public Task<byte[]> ReadAsync(string key) => ReadAsync(PathOf(key), NameOf(key));

    /// <summary>Reads bytes that were put aside because they are damaged.</summary>
    public Task<byte[]> ReadQuarantinedAsync(string key) =>
        ReadAsync(Path.Combine(Folder, "quarantine", key), $"{_prefix}quarantine/{key}");

    /// <summary>Puts bytes in the place of a blob, such as damaged ones, whether it is there or not.</summary>
    public async Task WriteAsync(string key, byte[] bytes)
    {
        if (!isS3)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(key))!);
            await File.WriteAllBytesAsync(PathOf(key), bytes, Ended);
            return;
        }
        using var client = (await S3Server.SharedAsync()).Client();
        using var stream = new MemoryStream(bytes);
        await client.PutObjectAsync(new PutObjectRequest
        {
            BucketName = S3Server.Bucket,
            Key = NameOf(key),
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

    /// <summary>Damages a blob so that the scan notices it, which compares only lengths on S3.</summary>
    public async Task SpoilAsync(string key)
    {
        if (isS3)
            await WriteAsync(key, (await ReadAsync(key))[..^1]);
        else
            await FlipAsync(key);
    }

    public async Task DeleteAsync(string key)
    {
        if (!isS3)
        {
            File.Delete(PathOf(key));
            return;
        }
        using var client = (await S3Server.SharedAsync()).Client();
        await client.DeleteObjectAsync(S3Server.Bucket, NameOf(key), Ended);
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

    private async Task<byte[]> ReadAsync(string path, string name)
    {
        if (!isS3)
            return await File.ReadAllBytesAsync(path, Ended);
        using var client = (await S3Server.SharedAsync()).Client();
        using var answer = await client.GetObjectAsync(S3Server.Bucket, name, Ended);
        using var bytes = new MemoryStream();
        await answer.ResponseStream.CopyToAsync(bytes, Ended);
        return bytes.ToArray();
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

    private string NameOf(string key) => $"{_prefix}blobs/{key}";

    /// <summary>The last part of a blob's name is its key, wherever in the prefix the store puts it.</summary>
    private static string? KeyOf(string name) => name[(name.LastIndexOf('/') + 1)..] is { Length: 64 } key
        && !Array.Exists(NoBlobs, each => name.Contains(each, StringComparison.Ordinal)) ? key : null;
}
