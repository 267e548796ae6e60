using System.Diagnostics;
using System.Globalization;
using GenApi.Core.Blobs;
using GenApi.Core.Blobs.S3;
using GenApi.Tests.Documentation;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Blobs.S3;

/// <summary>
/// Tests the contract of blob stores on a small server (s3rver) that ignores conditions and compares nothing, and would store the frames of
/// chunked bodies.
/// </summary>
public sealed class SmallS3Tests(SmallS3Server server) : BlobStoreSuite, IClassFixture<SmallS3Server>, IAsyncLifetime
{
    private readonly S3Rig _rig = new();
    private S3BlobStore _store = null!;

    public override IBlobStore Store => _store;

    public override IBlobMaintenance Maintenance => _store;

    public override IBlobReceipts Receipts => _store;

    public async ValueTask InitializeAsync() => _store = await _rig.StartAsync(
        server.Endpoint,
        options => (options.Bucket, options.AccessKey, options.SecretKey) = (SmallS3Server.Bucket, "S3RVER", "S3RVER"));

    public ValueTask DisposeAsync()
    {
        _rig.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public void What_the_server_can_not_do_is_known_after_the_start() =>
        Assert.Equal(
            ["conditional_put=no", "provider=s3", "ranges=yes"], _store.Facts.Select(fact => $"{fact.Key}={fact.Value}").Order());
}

/// <summary>One s3rver for the tests of a class.</summary>
public sealed class SmallS3Server : IAsyncLifetime
{
    public const string Bucket = "small";

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-s3rver-").FullName;
    private readonly int _port = ServerPrograms.FreePort();
    private IAsyncDisposable? _end;

    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}");

    public async ValueTask InitializeAsync()
    {
        var program = await NodeTools.PathOfAsync("s3rver/bin/s3rver.js");
        string[] arguments =
        [
            program, "--directory", _folder, "--address", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture), "--silent",
            "--configure-bucket", Bucket, "--no-vhost-buckets",
        ];
        using var process = Process.Start(new ProcessStartInfo(Tool.Require("node"), arguments)
        {
            WorkingDirectory = _folder,
        })!;
        _end = ServerPrograms.OnceGone(
            string.Create(CultureInfo.InvariantCulture, $"kill -9 {process.Id} > /dev/null 2>&1; rm -rf {_folder}"));
        await ServerPrograms.ListensAsync(_port);
    }

    public async ValueTask DisposeAsync()
    {
        if (_end is not null)
            await _end.DisposeAsync();
    }
}
