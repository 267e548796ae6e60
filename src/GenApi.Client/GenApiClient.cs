namespace GenApi.Client;

/// <summary>
/// Makes and fetches pictures with a GenApi. One instance serves a whole process, from any number of threads.
/// <para>
/// Every call is tried again after a lost connection, a time-out, a 5xx or a 429 (with its <c>Retry-After</c>), within
/// <see cref="GenApiClientOptions.RetryFor"/>. A call that makes something
/// carries one <c>Idempotency-Key</c> over all its attempts, so it is carried out, and billed, once.
/// </para>
/// <para>What goes wrong is a <see cref="GenApiException"/>: <see cref="GenApiProblemException"/> (refused),
/// <see cref="GenerationFailedException"/> (accepted, and ended without an output), or
/// <see cref="GenApiConnectionException"/> (no answer).</para>
/// </summary>
public sealed partial class GenApiClient : IDisposable
{
    private readonly HttpClient? _own;
    private readonly ApiRetries _retries;
    private readonly GenerationFollower _follower;
    private readonly GenApiClientOptions _options;

    /// <summary>A client with an <see cref="HttpClient"/> of its own.</summary>
    /// <param name="address">Address of the service, such as <c>http://localhost:8080</c>.</param>
    /// <param name="apiKey">The API key; null or empty: none.</param>
    /// <exception cref="ArgumentException">The address is not absolute http or https, or no header can carry the key.</exception>
    public GenApiClient(Uri address, string? apiKey = null)
        : this(new GenApiClientOptions { Address = address, ApiKey = apiKey })
    {
    }

    /// <summary>A client with an <see cref="HttpClient"/> of its own.</summary>
    /// <exception cref="ArgumentException">
    /// The address is missing, or not absolute http or https, or no header can carry the key.
    /// </exception>
    public GenApiClient(GenApiClientOptions options)
        : this(NewHttpClient(), options, isOwn: true)
    {
    }

    /// <summary>
    /// A client over somebody else's <see cref="HttpClient"/>, such as that of an <c>IHttpClientFactory</c>:
    /// <c>services.AddHttpClient&lt;GenApiClient&gt;(http => http.BaseAddress = …)</c>. It
    /// needs no retries there, and its time-out must be longer than the waits that are asked for.
    /// </summary>
    /// <param name="http">Not disposed of with the client.</param>
    /// <param name="options">Null: the base address and headers of <paramref name="http"/>, and the usual patience.</param>
    /// <exception cref="ArgumentException">
    /// The address is missing, or not absolute http or https, or no header can carry the key.
    /// </exception>
    public GenApiClient(HttpClient http, GenApiClientOptions? options = null)
        : this(http, options ?? new(), isOwn: false)
    {
    }

    private GenApiClient(HttpClient http, GenApiClientOptions options, bool isOwn)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(options);
        (_own, _options) = (isOwn ? http : null, options);
        var connection = new ApiConnection(http, options);
        _retries = new(connection);
        _follower = new(connection, _retries);
    }

    /// <summary>Closes the connections, unless the <see cref="HttpClient"/> is somebody else's.</summary>
    public void Dispose() => _own?.Dispose();

    private static HttpClient NewHttpClient() => new(new SocketsHttpHandler
    {
        // A redirect would lose the key on the way, and a POST its body.
        AllowAutoRedirect = false,
        // A service that moves to another address is found there.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(15),
    })
    {
        // Each attempt has a limit of its own.
        Timeout = Timeout.InfiniteTimeSpan,
    };
}
