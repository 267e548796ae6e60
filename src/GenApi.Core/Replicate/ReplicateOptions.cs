namespace GenApi.Core.Replicate;

/// <summary>Which upstream makes the images.</summary>
public enum ReplicateMode
{
    /// <summary>The sandbox when there is no token, Replicate when there is one.</summary>
    Auto,

    /// <summary>Replicate; no token is an error at start.</summary>
    Replicate,

    /// <summary>The built-in look-alike, even when there is a token; the token is then sent nowhere.</summary>
    Sandbox,
}

/// <summary>The settings section <c>Replicate</c>.</summary>
public sealed class ReplicateOptions
{
    public const string Section = "Replicate";
    public const string DefaultBaseUrl = "https://api.replicate.com";

    /// <summary>Also <c>REPLICATE_API_TOKEN</c>. Never logged, stored or sent anywhere but to the origin of <see cref="BaseUrl"/>.</summary>
    public string ApiToken { get; set; } = "";

    /// <summary>Absolute, without <c>/v1</c>. Also <c>REPLICATE_BASE_URL</c>, while this key has its default.</summary>
    public string BaseUrl { get; set; } = DefaultBaseUrl;

    public ReplicateMode Mode { get; set; }

    /// <summary>
    /// Hosts that output files may come from: <c>host</c>, <c>*.host</c> (its subdomains only) or <c>host:port</c>. Without a port only the
    /// scheme's own port is meant. https only, except for an entry that names a loopback address. Empty means Replicate's own two.
    /// </summary>
    public IList<string> DeliveryHosts { get; set; } = [];

    /// <summary>Predictions in flight at once, 1 to 10,000; the rest wait.</summary>
    public int MaxInFlight { get; set; } = 100;

    /// <summary>Creations sent in any minute, 1 to 1,000,000. Replicate's own limit is 600.</summary>
    public int CreationsPerMinute { get; set; } = 600;

    /// <summary>All other calls to the API in any minute, 1 to 1,000,000. Replicate's own limit is 3,000. Output files are not counted there.</summary>
    public int ReadsPerMinute { get; set; } = 3000;

    /// <summary>For one output file, 1 to 2 GiB.</summary>
    public long MaxOutputBytes { get; set; } = 100L << 20;

    internal static IReadOnlyList<string> DefaultDeliveryHosts { get; } = ["replicate.delivery", "*.replicate.delivery"];

    /// <summary>Whether these settings ask for the sandbox.</summary>
    public bool WantsSandbox => Mode == ReplicateMode.Sandbox || (Mode == ReplicateMode.Auto && ApiToken.Length == 0);
}
