namespace GenApi.Sandbox.Control;

/// <summary>Replicate's limits as documented, kept to when <see cref="SandboxOptions.RateLimits"/> says so.</summary>
public sealed class RateLimitOptions
{
    public int CreationsPerMinute { get; set; } = 600;

    /// <summary>Single looks are counted apart, as in recordings, unless <see cref="CountLooksApart"/> says otherwise.</summary>
    public int OthersPerMinute { get; set; } = 3000;

    /// <summary>Looks at single predictions have a limit of their own, 60,000 a minute, as recorded; off: they count among the others, as documented.</summary>
    public bool CountLooksApart { get; set; } = true;

    /// <summary>The account has less than 5 dollars: 6 creations a minute, one at a time, and a 429 that says so.</summary>
    public bool LowCredit { get; set; }

    /// <summary>How a refusal tells when to come again; an account low on credit is always told in its own words.</summary>
    public ThrottleForm Form { get; set; }

    /// <summary>Whether answers carry <c>ratelimit-remaining</c> and <c>ratelimit-reset</c>.</summary>
    public bool Headers { get; set; } = true;
}
