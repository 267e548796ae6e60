using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using GenApi.Core.Errors;

namespace GenApi.Core.Blobs.S3;

/// <summary>
/// The bucket, with our own repeats and time limits. The SDK makes each request once: left to itself it may repeat one put thirteen times
/// and wait without a limit.
/// </summary>
internal sealed class S3Bucket : IDisposable
{
    private const int MostAttempts = 3;
    private const long BytesPerSecond = 256 << 10;

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(150);

    private readonly S3HttpClients _http = new();
    private readonly AmazonS3Client _client;
    private readonly string _prefix;
    private readonly bool _isPlain;

    public S3Bucket(S3Options options)
    {
        (Name, _prefix) = (options.Bucket, options.Prefix);
        Patience = TimeSpan.FromSeconds(options.TimeoutSeconds);
        var config = new AmazonS3Config
        {
            AuthenticationRegion = options.Region,
            ForcePathStyle = true,
            HttpClientFactory = _http,
            MaxErrorRetry = 0,
            MaxStaleConnectionRetries = 0,
            // Checksums in frames are stored by some servers, and refused by others.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint.Length > 0)
            config.ServiceURL = options.Endpoint;
        else
            config.RegionEndpoint = Amazon.RegionEndpoint.GetBySystemName(options.Region);
        _isPlain = options.Endpoint.StartsWith("http:", StringComparison.OrdinalIgnoreCase);
        _client = options.AccessKey.Length > 0
            ? new AmazonS3Client(new BasicAWSCredentials(options.AccessKey, options.SecretKey), config)
            : new AmazonS3Client(config);
    }

    /// <summary>The name of the bucket.</summary>
    public string Name { get; }

    /// <summary>The longest wait for the begin of an answer, or for more of a body.</summary>
    public TimeSpan Patience { get; }

    /// <summary>Receives the final failure of a call: the store may not be usable.</summary>
    public Action<GenApiException>? Failed { get; set; }

    /// <summary>Returns the name of an object in the bucket.</summary>
    public string ObjectOf(string name) => _prefix + name;

    /// <summary>Makes a call, and repeats it if that may help.</summary>
    /// <param name="call">Makes one request. It runs again for each attempt.</param>
    /// <param name="length">The bytes that are sent; they lengthen the time limit.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Null if the object does not exist.</returns>
    /// <exception cref="GenApiException">StorageUnavailable or StorageFull, both transient.</exception>
    public async Task<T?> CallAsync<T>(
        Func<AmazonS3Client, CancellationToken, Task<T>> call, long length, CancellationToken cancellationToken)
        where T : class
    {
        var limit = Patience + TimeSpan.FromSeconds((double)length / BytesPerSecond);
        for (var (attempt, pause) = (1, FirstPause); ; attempt++, pause *= 4)
        {
            try
            {
                return await OnceAsync(call, limit, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested && S3Failure.Of(failure) is { } fault)
            {
                if (fault == S3Fault.Missing)
                    return null;
                if (fault != S3Fault.Passing || attempt == MostAttempts)
                {
                    var told = S3Failure.ToGenApi(fault, failure);
                    if (fault != S3Fault.Unsupported)
                        Failed?.Invoke(told);
                    throw told;
                }
            }
            // Networks know nothing of a clock that a test moves.
            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Makes a call that sends no body.</summary>
    /// <inheritdoc cref="CallAsync{T}(Func{AmazonS3Client, CancellationToken, Task{T}}, long, CancellationToken)"/>
    public Task<T?> CallAsync<T>(Func<AmazonS3Client, CancellationToken, Task<T>> call, CancellationToken cancellationToken)
        where T : class => CallAsync(call, 0, cancellationToken);

    private async Task<T> OnceAsync<T>(
        Func<AmazonS3Client, CancellationToken, Task<T>> call, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timer.CancelAfter(limit);
        return await call(_client, timer.Token);
    }

    /// <summary>Finds an object; null if there is none.</summary>
    public Task<GetObjectMetadataResponse?> HeadAsync(string name, CancellationToken cancellationToken) =>
        CallAsync((client, token) => client.GetObjectMetadataAsync(Name, ObjectOf(name), token), cancellationToken);

    /// <summary>Begins to read an object; null if there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="range">The bytes to read.</param>
    /// <param name="cancellationToken">Cancels the wait for the headers.</param>
    public Task<GetObjectResponse?> GetAsync(string name, BlobRange range, CancellationToken cancellationToken) => CallAsync(
        (client, token) => client.GetObjectAsync(
            new GetObjectRequest
            {
                BucketName = Name,
                Key = ObjectOf(name),
                ByteRange = range.IsAll ? null : RangeOf(range),
            },
            token),
        cancellationToken);

    private static ByteRange RangeOf(BlobRange range) => range.Length is { } length
        ? new ByteRange(range.Offset, range.Offset + length - 1)
        : new ByteRange(string.Create(CultureInfo.InvariantCulture, $"bytes={range.Offset}-"));

    /// <summary>Stores a small object.</summary>
    public Task PutTextAsync(string name, string text, CancellationToken cancellationToken) =>
        CallAsync((client, token) => client.PutObjectAsync(TextOf(name, text, isNew: false), token), cancellationToken);

    /// <summary>Stores a small object if there is none with this name.</summary>
    /// <returns>False if there is one, and the server heeds the condition.</returns>
    public async Task<bool> TryPutTextAsync(string name, string text, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync((client, token) => client.PutObjectAsync(TextOf(name, text, isNew: true), token), cancellationToken);
            return true;
        }
        catch (AmazonS3Exception there) when (there.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            return false;
        }
    }

    private PutObjectRequest TextOf(string name, string text, bool isNew) => new()
    {
        BucketName = Name,
        Key = ObjectOf(name),
        ContentBody = text,
        ContentType = "text/plain",
        IfNoneMatch = isNew ? "*" : null,
        UseChunkEncoding = false,
    };

    /// <summary>Deletes an object; does nothing if there is none.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        CallAsync((client, token) => client.DeleteObjectAsync(Name, ObjectOf(name), token), cancellationToken);

    /// <summary>Lists objects by their names without the prefix of the settings, in the order of these names.</summary>
    /// <param name="folder">The beginning of the names.</param>
    /// <param name="atOnce">Objects in one answer, at most 1000.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public async IAsyncEnumerable<S3Entry> ListAsync(
        string folder, int atOnce, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? next = null; ;)
        {
            var from = next;
            var page = await CallAsync(
                (client, token) => client.ListObjectsV2Async(
                    new ListObjectsV2Request { BucketName = Name, Prefix = ObjectOf(folder), ContinuationToken = from, MaxKeys = atOnce },
                    token),
                cancellationToken);
            foreach (var each in page?.S3Objects ?? [])
                yield return new(each.Key[_prefix.Length..], each.Size ?? 0, TimeOf(each.LastModified));
            if (page is not { IsTruncated: true, NextContinuationToken: { } more })
                yield break;
            next = more;
        }
    }

    /// <summary>Makes an address that opens an object without credentials.</summary>
    public Uri LinkTo(string name, in BlobLink link) => new(_client.GetPreSignedURL(new GetPreSignedUrlRequest
    {
        BucketName = Name,
        Key = ObjectOf(name),
        Verb = HttpVerb.GET,
        Protocol = _isPlain ? Protocol.HTTP : Protocol.HTTPS,
        // The server measures by its own clock.
        Expires = (TimeProvider.System.GetUtcNow() + link.ValidFor).UtcDateTime,
        ResponseHeaderOverrides = new ResponseHeaderOverrides
        {
            ContentType = link.ContentType,
            ContentDisposition = link.ContentDisposition,
            CacheControl = link.CacheControl,
        },
    }));

    /// <summary>Reads a time of the SDK, which may be local.</summary>
    public static DateTimeOffset TimeOf(DateTime? time) =>
        time is { } known ? new DateTimeOffset(known.ToUniversalTime(), TimeSpan.Zero) : DateTimeOffset.UnixEpoch;

    public void Dispose()
    {
        _client.Dispose();
        _http.Dispose();
    }
}

/// <summary>An object of a listing.</summary>
/// <param name="Name">Its name, without the prefix of the settings.</param>
/// <param name="Length">In bytes.</param>
/// <param name="ModifiedAt">By the clock of the server.</param>
internal readonly record struct S3Entry(string Name, long Length, DateTimeOffset ModifiedAt);
