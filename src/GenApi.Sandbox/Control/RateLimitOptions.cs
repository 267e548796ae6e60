namespace GenApi.Sandbox.Control;

/// <summary>Replicate's documented limits. <see cref="SandboxOptions.RateLimits"/> says whether they are enforced.</summary>
public sealed class RateLimitOptions
{
    public int CreationsPerMinute { get; set; } = 600;

    /// <summary>
    /// Calls a minute other than creations. Polls of single predictions count here only without <see cref="CountLooksApart"/>.
    /// </summary>
    public int OthersPerMinute { get; set; } = 3000;

    /// <summary>
    /// Gives polls of single predictions a separate limit of 60,000 a minute, as recorded. Off: they count among the others, as documented.
    /// </summary>
    public bool CountLooksApart { get; set; } = true;

    /// <summary>Simulates an account with less than 5 dollars: 6 creations a minute, one at a time, and a 429 that says so.</summary>
    public bool LowCredit { get; set; }

    /// <summary>The place where a refusal states when to try again. An account low on credit always gets its own sentence.</summary>
    public ThrottleForm Form { get; set; }

    /// <summary>True if answers carry <c>ratelimit-remaining</c> and <c>ratelimit-reset</c>.</summary>
    public bool Headers { get; set; } = true;
}
