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
    /// The token of Replicate; better set as <c>REPLICATE_API_TOKEN</c> in the environment. It is never logged, never stored, and sent only
    /// to the origin of <c>BaseUrl</c>.
    /// </summary>
    /// <value>printable ASCII</value>
    public string ApiToken { get; set; } = "";

    /// <summary>The address of the API. Also <c>REPLICATE_BASE_URL</c>, while this setting has its default.</summary>
    /// <value>an http(s) URL without <c>/v1</c></value>
    public string BaseUrl { get; set; } = DefaultBaseUrl;

    /// <summary>
    /// The upstream that makes the images. <c>auto</c>: the sandbox if there is no token, otherwise Replicate. <c>replicate</c>: a missing
    /// token is an error. <c>sandbox</c>: the sandbox even with a token. Set <c>replicate</c> in production, so that a lost secret can't
    /// turn the service into a toy.
    /// </summary>
    public ReplicateMode Mode { get; set; }

    /// <summary>
    /// The hosts that output files may come from; <c>*.host</c> means its subdomains. Only https, except for an entry with a loopback
    /// address.
    /// </summary>
    /// <value><c>host</c>, <c>*.host</c>, <c>host:port</c></value>
    public IList<string> DeliveryHosts { get; set; } = [];

    /// <summary>Predictions in flight at once. The others wait as <c>queued</c>.</summary>
    /// <value>1 to 10,000</value>
    public int MaxInFlight { get; set; } = 100;

    /// <summary>Creations sent in any minute. Replicate's own limit is 600.</summary>
    /// <value>1 to 1,000,000</value>
    public int CreationsPerMinute { get; set; } = 600;

    /// <summary>
    /// All other calls to the API in any minute, cancellations included. Replicate's own limit is 3,000. Downloads of output files do not
    /// count.
    /// </summary>
    /// <value>1 to 1,000,000</value>
    public int ReadsPerMinute { get; set; } = 3000;

    /// <summary>
    /// The largest output file, in bytes. A larger one fails its generation as <c>unusable_output</c>, so raise the limit for models that
    /// make long videos.
    /// </summary>
    /// <value>1 to 2,147,483,648</value>
    public long MaxOutputBytes { get; set; } = 100L << 20;

    internal static IReadOnlyList<string> DefaultDeliveryHosts { get; } = ["replicate.delivery", "*.replicate.delivery"];

    /// <summary>True if these settings ask for the sandbox.</summary>
    public bool WantsSandbox => Mode == ReplicateMode.Sandbox || (Mode == ReplicateMode.Auto && ApiToken.Length == 0);
}
