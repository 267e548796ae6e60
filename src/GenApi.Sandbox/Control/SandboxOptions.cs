namespace GenApi.Sandbox.Control;

/// <summary>The settings of a sandbox. Their section is called <c>Sandbox</c> when the program runs alone.</summary>
public sealed class SandboxOptions
{
    /// <summary>
    /// The addresses to listen on, separated by semicolons. Port 0 picks a free port. The program alone listens on
    /// <c>http://127.0.0.1:9090</c>.
    /// </summary>
    public string Urls { get; set; } = "http://127.0.0.1:0";

    /// <summary>Divides run times: 1 is the speed of the real models, 0 removes every artificial delay and cold start.</summary>
    public double Speed { get; set; } = 1;

    /// <summary>The only accepted token. Null accepts any token that is not empty.</summary>
    public string? ApiToken { get; set; }

    /// <summary>A community model boots again after this idle time. The time is not divided by <see cref="Speed"/>.</summary>
    public TimeSpan ColdAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The time after the end of a prediction until its output files answer 404.</summary>
    public TimeSpan FileRetention { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The time after the end of a prediction until its input, output and logs are removed.</summary>
    public TimeSpan DataRetention { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The time after an upload until the input file is forgotten.</summary>
    public TimeSpan UploadRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Bytes of uploaded input files held in memory. Above this, the oldest are forgotten early.</summary>
    public long MaxUploadBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>The number of predictions to remember. Above it, the oldest finished ones are forgotten.</summary>
    public int MaxPredictions { get; set; } = 10_000;

    /// <summary>Shows the deadline of a prediction with <c>Cancel-After</c>. Off: an upstream that does not show it.</summary>
    public bool ShowsDeadlines { get; set; } = true;

    /// <summary>Bytes of painted pictures held in memory. A picture that was dropped is painted again on request.</summary>
    public long PictureCacheBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Enforces <see cref="Limits"/> with 429. Off: the headers are sent and no call is refused.</summary>
    public bool RateLimits { get; set; }

    public RateLimitOptions Limits { get; set; } = new();

    /// <summary>Signs the webhooks; <c>whsec_</c> and base64.</summary>
    public string WebhookSecret { get; set; } = "whsec_c2FuZGJveC1ub3QtYS1zZWNyZXQh";

    /// <summary>Signs the addresses of <c>GET /v1/files/{id}/download</c>: HMAC-SHA256 over owner, id and expiry.</summary>
    public string FilesSecret { get; set; } = "sandbox-files-not-a-secret";

    internal IReadOnlyList<string> Addresses => Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    internal TimeSpan Pace(TimeSpan real) => Speed <= 0 ? TimeSpan.Zero : real / Speed;

    /// <exception cref="ArgumentException">A value is out of its range; the message names the key.</exception>
    internal void Validate()
    {
        if (double.IsNaN(Speed) || Speed < 0)
            throw new ArgumentException("Sandbox:Speed must be 0 or more.");
        if (Addresses.Count == 0 || !Addresses.All(IsAddress))
            throw new ArgumentException("Sandbox:Urls must be http addresses with a port, separated by semicolons.");
        if (MaxPredictions < 1)
            throw new ArgumentException("Sandbox:MaxPredictions must be 1 or more.");
        if (MaxUploadBytes < 0)
            throw new ArgumentException("Sandbox:MaxUploadBytes must be 0 or more.");
        if (Limits.CreationsPerMinute < 1 || Limits.OthersPerMinute < 1)
            throw new ArgumentException("Sandbox:Limits:CreationsPerMinute and Sandbox:Limits:OthersPerMinute must be 1 or more.");
        if (PictureCacheBytes < 0)
            throw new ArgumentException("Sandbox:PictureCacheBytes must be 0 or more.");
        if (!WebhookSecret.StartsWith("whsec_", StringComparison.Ordinal)
            || !Convert.TryFromBase64String(WebhookSecret["whsec_".Length..], new byte[WebhookSecret.Length], out _))
            throw new ArgumentException("Sandbox:WebhookSecret must be whsec_ followed by base64.");
    }

    // Kestrel accepts hosts such as + and *; Uri does not.
    private static bool IsAddress(string url) =>
        Uri.TryCreate(
            url.Replace("//+", "//any", StringComparison.Ordinal).Replace("//*", "//any", StringComparison.Ordinal),
            UriKind.Absolute,
            out var uri)
        && uri.Scheme == Uri.UriSchemeHttp;
}
