namespace GenApi.Core.Replicate.Calls;

/// <summary>The wait of a call before it could be sent.</summary>
/// <param name="Length">The time since the permit was asked for.</param>
/// <param name="Reason">The last reason; one of the constants here, as in <c>/metrics</c>.</param>
internal sealed record CallWait(TimeSpan Length, string Reason)
{
    /// <summary>Our own limit, <c>Replicate:CreationsPerMinute</c> or <c>Replicate:ReadsPerMinute</c>.</summary>
    public const string Limit = "limit";

    /// <summary>The upstream's headers allowed less.</summary>
    public const string UpstreamLimit = "upstream_limit";

    /// <summary>A call of its kind was answered with 429.</summary>
    public const string Refused = "429";

    /// <summary>Creations go at the rate of an account low on credit.</summary>
    public const string LowCredit = "low_credit";

    /// <summary>The limit of concurrent calls of its kind was reached.</summary>
    public const string AtOnce = "at_once";

    /// <summary><c>Replicate:MaxInFlight</c> predictions were in flight.</summary>
    public const string InFlight = "in_flight";
}
