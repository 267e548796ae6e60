namespace GenApi.Core.Replicate;

/// <summary>The upstream that makes the images.</summary>
public enum ReplicateMode
{
    /// <summary>Replicate if there is a token, the sandbox otherwise.</summary>
    Auto,

    /// <summary>Replicate; a start without a token fails.</summary>
    Replicate,

    /// <summary>The built-in sandbox, even if there is a token; the token is then sent nowhere.</summary>
    Sandbox,
}

/// <summary>The settings section <c>Replicate</c>.</summary>
public sealed class ReplicateOptions
{
    public const string Section = "Replicate";
    public const string DefaultBaseUrl = "https://api.replicate.com";

    /// <summary>
    /// The token, also <c>REPLICATE_API_TOKEN</c>. It is never logged or stored, and sent to nothing but the origin of
    /// <see cref="BaseUrl"/>.
    /// </summary>
    public string ApiToken { get; set; } = "";

    /// <summary>An absolute URL without <c>/v1</c>. Also <c>REPLICATE_BASE_URL</c>, while this key has its default.</summary>
    public string BaseUrl { get; set; } = DefaultBaseUrl;

    public ReplicateMode Mode { get; set; }

    /// <summary>
    /// Hosts that output files may come from: <c>host</c>, <c>*.host</c> (its subdomains only) or <c>host:port</c>. Without a port only the
    /// scheme's default port is allowed. Only https is allowed, except for a loopback address. Empty: Replicate's own two hosts.
    /// </summary>
    public IList<string> DeliveryHosts { get; set; } = [];

    /// <summary>The most predictions in flight at once, 1 to 10,000; the others wait.</summary>
    public int MaxInFlight { get; set; } = 100;

    /// <summary>The most creations in any minute, 1 to 1,000,000. Replicate's own limit is 600.</summary>
    public int CreationsPerMinute { get; set; } = 600;

    /// <summary>
    /// The most other calls to the API in any minute, 1 to 1,000,000. Replicate's own limit is 3,000. Downloads of output files don't
    /// count.
    /// </summary>
    public int ReadsPerMinute { get; set; } = 3000;

    /// <summary>The most bytes of one output file, from 1 to 2 GiB.</summary>
    public long MaxOutputBytes { get; set; } = 100L << 20;

    internal static IReadOnlyList<string> DefaultDeliveryHosts { get; } = ["replicate.delivery", "*.replicate.delivery"];

    /// <summary>Whether these settings ask for the sandbox.</summary>
    public bool WantsSandbox => Mode == ReplicateMode.Sandbox || (Mode == ReplicateMode.Auto && ApiToken.Length == 0);
}
