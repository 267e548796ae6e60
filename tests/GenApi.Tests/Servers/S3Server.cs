using System.Globalization;
using Amazon.Runtime;
using Amazon.S3;

namespace GenApi.Tests.Servers;

/// <summary>
/// Ceph's radosgw on a loopback port, made from Debian's packages: one monitor, one store in memory and the gateway. It takes some 13
/// seconds to answer, so <see cref="SharedAsync"/> starts one for all tests. It ends with this process, even if that is killed.
/// </summary>
internal sealed class S3Server : IAsyncDisposable
{
    public const string AccessKey = "AK", SecretKey = "SK", Bucket = "genapi-tests";

    private static readonly string[] Programs =
        ["ceph", "ceph-authtool", "monmaptool", "ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "curl"];

    private static readonly Lazy<Task<S3Server>> Shared = new(StartAsync);

    private readonly IAsyncDisposable _end;
    private static int _prefixes;

    private S3Server(int port, IAsyncDisposable end) =>
        (Endpoint, _end) = (string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}"), end);

    /// <summary>Says why no server can be started here; null: one can.</summary>
    public static string? Missing => Array.Find(Programs, each => ServerPrograms.Find(each) is null) is { } missing
        ? $"{missing} is not installed (Debian: radosgw ceph-mon ceph-osd curl)."
        : null;

    public string Endpoint { get; }

    /// <summary>Returns the one server of all tests with its bucket, which is started by the first call.</summary>
    public static Task<S3Server> SharedAsync() => Shared.Value;

    public static async Task<S3Server> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("genapi-s3-").FullName;
        var (port, monitor) = (ServerPrograms.FreePort(), ServerPrograms.FreePort());
        var end = ServerPrograms.OnceGone($"kill -9 $(cat {folder}/*.pid) > /dev/null 2>&1; rm -rf {folder}");
        var server = new S3Server(port, end);
        try
        {
            await ServerPrograms.RunAsync("bash", ["-euc", Script(folder, port, monitor)], asUser: false);
            using var client = server.Client();
            await client.PutBucketAsync(Bucket);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Returns a prefix in the bucket that no one else has.</summary>
    public static string NewPrefix() =>
        string.Create(CultureInfo.InvariantCulture, $"t{Environment.ProcessId}-{Interlocked.Increment(ref _prefixes)}/");

    /// <summary>The settings of a service that stores its blobs here.</summary>
    /// <param name="prefix">See <see cref="NewPrefix"/>.</param>
    /// <param name="endpoint">The address of a proxy; null: the server's.</param>
    public Dictionary<string, string?> Settings(string prefix, string? endpoint = null) => new()
    {
        ["Blobs:Provider"] = "s3",
        ["Blobs:S3:Endpoint"] = endpoint ?? Endpoint,
        ["Blobs:S3:Bucket"] = Bucket,
        ["Blobs:S3:Prefix"] = prefix,
        ["Blobs:S3:Region"] = "us-east-1",
        ["Blobs:S3:AccessKey"] = AccessKey,
        ["Blobs:S3:SecretKey"] = SecretKey,
    };

    /// <summary>A client of the tests, not of the service; the caller disposes it.</summary>
    public AmazonS3Client Client() => new(AccessKey, SecretKey, new AmazonS3Config
    {
        ServiceURL = Endpoint,
        ForcePathStyle = true,
        AuthenticationRegion = "us-east-1",
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });

    public ValueTask DisposeAsync() => _end.DisposeAsync();

    private static string Script(string folder, int port, int monitor) => $$"""
        cd {{folder}}
        mkdir mon osd rgw
        fsid=11111111-2222-3333-4444-555555555555 osd=00000000-0000-0000-0000-00000000000a
        cat > ceph.conf <<CONF
        [global]
        fsid = $fsid
        mon host = [v2:127.0.0.1:{{monitor}}]
        public addr = 127.0.0.1
        auth cluster required = cephx
        auth service required = cephx
        auth client required = cephx
        osd pool default size = 1
        osd pool default min size = 1
        osd pool default pg num = 1
        osd pool default pgp num = 1
        osd pool default pg autoscale mode = off
        osd crush chooseleaf type = 0
        mon allow pool size one = true
        mon data avail crit = 1
        osd objectstore = memstore
        memstore device bytes = 4294967296
        run dir = {{folder}}
        admin socket = {{folder}}/\$name.asok
        log file = {{folder}}/\$name.log
        pid file = {{folder}}/\$name.pid
        mon data = {{folder}}/mon
        osd data = {{folder}}/osd
        rgw data = {{folder}}/rgw
        keyring = {{folder}}/keyring
        rgw frontends = beast endpoint=127.0.0.1:{{port}}
        rgw dns name = 127.0.0.1
        CONF
        exec > start.log 2>&1
        ceph-authtool --create-keyring keyring --gen-key -n mon. --cap mon 'allow *'
        ceph-authtool keyring --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
        ceph-authtool keyring --gen-key -n client.rgw.a --cap mon 'allow rwx' --cap osd 'allow rwx'
        ceph-authtool keyring --gen-key -n osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
        monmaptool --create --clobber --fsid $fsid --addv a "[v2:127.0.0.1:{{monitor}}]" monmap
        ceph-mon -c ceph.conf --id a --mkfs --monmap monmap --keyring keyring
        ceph-mon -c ceph.conf --id a
        timeout 60 ceph -c ceph.conf osd new $osd
        ceph-osd -c ceph.conf --id 0 --mkfs --osd-uuid $osd
        ceph-osd -c ceph.conf --id 0
        for _ in $(seq 100); do timeout 5 ceph -c ceph.conf osd stat | grep -q '1 up' && break; sleep 0.2; done
        radosgw -c ceph.conf -n client.rgw.a
        for _ in $(seq 300); do curl -fs http://127.0.0.1:{{port}}/ > /dev/null && break; sleep 0.1; done
        timeout 60 radosgw-admin -c ceph.conf user create --uid=test --display-name=test \
            --access-key={{AccessKey}} --secret-key={{SecretKey}}
        """;
}
