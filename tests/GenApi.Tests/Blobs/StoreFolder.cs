using System.Security.Cryptography;
using GenApi.Core.Blobs.Disk;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Blobs;

/// <summary>Holds a store on a real folder, with calls that can fail and a clock that the test moves.</summary>
public abstract class StoreFolder : IAsyncLifetime
{
    private readonly List<FileBlobStore> _stores = [];

    protected static CancellationToken Stop => TestContext.Current.CancellationToken;

    protected string Folder { get; } = Directory.CreateTempSubdirectory("genapi-folder-").FullName;

    private protected FailingFiles Files { get; } = new();

    protected FakeTimeProvider Time { get; } = new();

    private protected FileBlobStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Store = await StartAsync();
        Files.Calls.Clear();
    }

    public ValueTask DisposeAsync()
    {
        _stores.ForEach(store => store.Dispose());
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    private protected async Task<FileBlobStore> StartAsync()
    {
        var store = new FileBlobStore(Folder, Files, Time);
        _stores.Add(store);
        await store.PrepareAsync(Stop);
        return store;
    }

    private protected static async Task<string> PutAsync(FileBlobStore store, int length, string? receipt = null)
    {
        await using var staged = await store.StageAsync(receipt, Stop);
        await staged.WriteAsync(Bytes(length), Stop);
        await staged.CommitAsync(KeyOf(Bytes(length)), Stop);
        return KeyOf(Bytes(length));
    }

    protected static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(at => (byte)(at * 7 + length))];

    protected static string KeyOf(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
