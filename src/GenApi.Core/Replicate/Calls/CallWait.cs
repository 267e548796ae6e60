namespace GenApi.Core.Replicate.Calls;

/// <summary>How long a call had to wait before it could be sent.</summary>
/// <param name="Length">From the moment at which it was asked for.</param>
/// <param name="Reason">What kept it last; one of the words here, as <c>/metrics</c> says them.</param>
internal sealed record CallWait(TimeSpan Length, string Reason)
{
    /// <summary>Our own limit, <c>Replicate:CreationsPerMinute</c> or <c>Replicate:ReadsPerMinute</c>.</summary>
    public const string Limit = "limit";

    /// <summary>The upstream's headers allowed less.</summary>
    public const string UpstreamLimit = "upstream_limit";

    /// <summary>A call of its kind was answered with 429.</summary>
    public const string Refused = "429";

    /// <summary>Creations go at the pace of an account low on credit.</summary>
    public const string LowCredit = "low_credit";

    /// <summary>As many calls of its kind as may be under way at once were.</summary>
    public const string AtOnce = "at_once";

    /// <summary><c>Replicate:MaxInFlight</c> predictions were in flight.</summary>
    public const string InFlight = "in_flight";
}
