using Amazon.Runtime;

namespace GenApi.Core.Blobs.S3;

/// <summary>
/// The one HTTP client of the store. The SDK's own would repeat a request ten times after a lost connection, and wait for an answer
/// without a limit.
/// </summary>
internal sealed class S3HttpClients : HttpClientFactory, IDisposable
{
    private static readonly AsyncLocal<Func<bool>?> Condition = new();

    private readonly HttpClient _client = new(new Gate(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        // Shorter than servers wait, which avoids most requests on connections that they have just closed.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
        UseCookies = false,
    }))
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public override HttpClient CreateHttpClient(IClientConfig clientConfig) => _client;

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => false;

    /// <summary>Sends the requests of a call only while a condition holds; it is asked right before each of them leaves.</summary>
    public static async Task OnlyIfAsync(Func<bool> condition, Func<Task> call)
    {
        Condition.Value = condition;
        await call();
    }

    public void Dispose() => _client.Dispose();

    private sealed class Gate(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Condition.Value is { } condition && !condition()
                ? throw new OperationCanceledException("The request came too late: another instance may act by now.")
                : base.SendAsync(request, cancellationToken);
    }
}
