namespace GenApi.Client;

/// <summary>The address and the time limits of a <see cref="GenApiClient"/>.</summary>
public sealed class GenApiClientOptions
{
    /// <summary>
    /// The address of the service, such as <c>http://localhost:8080</c>, with its path prefix, if any. Null: the base address of the
    /// <see cref="HttpClient"/>.
    /// </summary>
    public Uri? Address { get; set; }

    /// <summary>
    /// The API key (<c>genapi_…</c>). Null or empty: none is sent, which is enough while the service has no keys. It needs the rights
    /// <c>generate</c> and <c>read</c>.
    /// </summary>
    public string? ApiKey { get; set; }

    /// <summary>
    /// The time for retries of a call after a lost connection, a time-out, a 5xx or a 429; default: one minute; zero: no retries. If a
    /// <c>Retry-After</c> reaches beyond it, the call fails at once.
    /// </summary>
    public TimeSpan RetryFor { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The time that a wait for a generation goes on while the service can't be reached; default: five minutes, enough for a restart or a
    /// deployment.
    /// </summary>
    public TimeSpan ReconnectFor { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// The pause before the second attempt; default: half a second. It doubles with each attempt, up to 15 seconds, less a random part.
    /// </summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// The time that an attempt waits for the beginning of its answer; default: 100 seconds. Uploads get ten minutes, and a requested wait
    /// is added.
    /// </summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>
    /// The time that an answer may stall before it counts as broken; default: 45 seconds. The service sends something every 15.
    /// </summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>The clock for pauses and time-outs; tests may replace it.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
