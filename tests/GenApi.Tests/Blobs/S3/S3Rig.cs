using GenApi.Core.Blobs;
using GenApi.Core.Blobs.S3;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Blobs.S3;

/// <summary>Stores in a bucket of a real S3 server, each under a prefix that no other test has.</summary>
internal sealed class S3Rig : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-s3-").FullName;
    private readonly List<S3BlobStore> _stores = [];

    /// <summary>The prefix of the objects.</summary>
    public string Prefix { get; } = S3Server.NewPrefix();

    /// <summary>The local folder for bytes on their way.</summary>
    public string Staging => Path.Combine(_folder, "staging");

    public FailingFiles Files { get; } = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static void SkipIfMissing()
    {
        if (S3Server.Missing is { } missing)
            Assert.Skip(missing);
    }

    /// <summary>Makes a store that is prepared as at a start.</summary>
    /// <param name="endpoint">The address of a proxy; null: the server's.</param>
    /// <param name="change">Changes the settings.</param>
    public async Task<S3BlobStore> StartAsync(string? endpoint = null, Action<S3Options>? change = null)
    {
        var options = await OptionsAsync(endpoint);
        change?.Invoke(options);
        var store = new S3BlobStore(options, Staging, Files);
        _stores.Add(store);
        await store.PrepareAsync(Stop);
        return store;
    }

    public async Task<S3Options> OptionsAsync(string? endpoint = null) => new()
    {
        Endpoint = endpoint ?? (await S3Server.SharedAsync()).Endpoint,
        Bucket = S3Server.Bucket,
        Prefix = Prefix,
        AccessKey = S3Server.AccessKey,
        SecretKey = S3Server.SecretKey,
        // Longer than a loaded machine keeps a server waiting. Tests of silence set less.
        TimeoutSeconds = 20,
    };

    public static async Task<BlobCommit> CommitAsync(IBlobStore store, byte[] bytes, string? receipt = null)
    {
        await using var staged = await store.StageAsync(receipt, Stop);
        await staged.WriteAsync(bytes, Stop);
        return await staged.CommitAsync(KeyOf(bytes), Stop);
    }

    public static async Task<byte[]?> ReadAsync(IBlobStore store, string key)
    {
        using var content = await store.OpenAsync(key, Stop);
        if (content is null)
            return null;
        var bytes = new byte[content.Length];
        for (var at = 0; at < bytes.Length;)
        {
            // Small pieces, so that a body that breaks off does so in the middle.
            var read = await content.ReadAsync(bytes.AsMemory(at, Math.Min(20_000, bytes.Length - at)), at, Stop);
            Assert.NotEqual(0, read);
            at += read;
        }
        return bytes;
    }

    public static byte[] Bytes(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        return bytes;
    }

    public static string KeyOf(byte[] bytes) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));

    public void Dispose()
    {
        _stores.ForEach(store => store.Dispose());
        Directory.Delete(_folder, recursive: true);
    }
}
