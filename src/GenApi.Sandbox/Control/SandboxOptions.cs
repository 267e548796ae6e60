namespace GenApi.Sandbox.Control;

/// <summary>What can be set; the section is called <c>Sandbox</c> when the program runs alone.</summary>
public sealed class SandboxOptions
{
    /// <summary>Where to listen, several separated by semicolons. Port 0 takes a free one; alone the program listens on <c>http://127.0.0.1:9090</c>.</summary>
    public string Urls { get; set; } = "http://127.0.0.1:0";

    /// <summary>Run times are divided by this: 1 is the pace of the real models, 0 leaves out every artificial delay and cold start.</summary>
    public double Speed { get; set; } = 1;

    /// <summary>The one token that is let in. Null lets in any that is not empty.</summary>
    public string? ApiToken { get; set; }

    /// <summary>A community model that has had nothing to do for this long boots again before its next run. Not divided by <see cref="Speed"/>.</summary>
    public TimeSpan ColdAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Output files answer 404 this long after the prediction ended.</summary>
    public TimeSpan FileRetention { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Input, output and logs of a prediction are removed this long after it ended.</summary>
    public TimeSpan DataRetention { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Uploaded input files are forgotten this long after they came.</summary>
    public TimeSpan UploadRetention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Uploaded input files kept in memory; above it the oldest are forgotten early.</summary>
    public long MaxUploadBytes { get; set; } = 256 * 1024 * 1024;

    /// <summary>The oldest finished predictions above this number are forgotten altogether.</summary>
    public int MaxPredictions { get; set; } = 10_000;

    /// <summary>Show when a prediction with <c>Cancel-After</c> is ended. Off: as an upstream that keeps it to itself.</summary>
    public bool ShowsDeadlines { get; set; } = true;

    /// <summary>Painted pictures kept in memory. One that is no longer there is painted again when somebody asks for it.</summary>
    public long PictureCacheBytes { get; set; } = 32 * 1024 * 1024;

    /// <summary>Keep to <see cref="Limits"/> and answer 429 above them. Off: the headers are sent, nobody is refused.</summary>
    public bool RateLimits { get; set; }

    public RateLimitOptions Limits { get; set; } = new();

    /// <summary>Signs the webhooks; <c>whsec_</c> and base64.</summary>
    public string WebhookSecret { get; set; } = "whsec_c2FuZGJveC1ub3QtYS1zZWNyZXQh";

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

    // Hosts such as + and * are addresses to Kestrel, though not to Uri.
    private static bool IsAddress(string url) =>
        Uri.TryCreate(url.Replace("//+", "//any", StringComparison.Ordinal).Replace("//*", "//any", StringComparison.Ordinal), UriKind.Absolute, out var uri)
        && uri.Scheme == Uri.UriSchemeHttp;
}
