namespace GenApi.Client;

/// <summary>How a <see cref="GenApiClient"/> reaches the service, and how long it keeps trying.</summary>
public sealed class GenApiClientOptions
{
    /// <summary>
    /// Address of the service, such as <c>http://localhost:8080</c>, with the path it is behind, if any. Null: the base address of the
    /// <see cref="HttpClient"/>.
    /// </summary>
    public Uri? Address { get; set; }

    /// <summary>
    /// The API key (<c>genapi_…</c>). Null or empty: none is sent, which does while the service has no keys. It needs the rights
    /// <c>generate</c> and <c>read</c>.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// How long one call is tried again after a lost connection, a time-out, a 5xx or a 429: a minute unless set; zero: never. A
    /// <c>Retry-After</c> that ends later ends the call at once.
    /// </summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How long a wait for a generation goes on while the service cannot be reached: five minutes unless set. It is enough for a restart or
    /// a deployment.
    /// </summary>
    public TimeSpan ReconnectFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The pause before the second attempt: half a second unless set. It doubles with each attempt, up to 15 seconds, less a random part.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// How long one attempt waits for the beginning of its answer: 100 seconds unless set. Uploads get ten minutes, and a wait that the
    /// caller asks for comes on top.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// How long an answer may stall before it counts as broken: 45 seconds unless set. The service gives a sign of life every 15.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>The clock of pauses and time-outs; tests may give their own.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
