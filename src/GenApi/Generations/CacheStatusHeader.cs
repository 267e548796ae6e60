using GenApi.Core.Generations;

namespace GenApi.Generations;

/// <summary><c>Cache-Status</c> (RFC 9211): how an answer to POST /generate came about.</summary>
internal static class CacheStatusHeader
{
    public const string Name = "Cache-Status";

    private const string Hit = "GenApi; hit", Stored = "GenApi; fwd=miss; stored", Collapsed = "GenApi; fwd=miss; collapsed",
        Lost = "GenApi; fwd=stale; stored; detail=bytes-lost", Bypass = "GenApi; fwd=bypass",
        RepeatEnded = "GenApi; hit; detail=repeat", RepeatRunning = "GenApi; fwd=miss; collapsed; detail=repeat";

    /// <summary>Every value, with its meaning for callers.</summary>
    public static IReadOnlyList<(string Value, string Meaning)> Values { get; } =
    [
        (Hit, "The answer came from the store. Nothing was sent upstream."),
        (Stored, "The images were made for this request."),
        (Collapsed, "The same request was already running, and this one shares its generation: one run, one bill."),
        (Lost, "There was a stored answer, but the bytes of its image are lost. The images were made again and are billed."),
        (RepeatRunning, "The request repeats one whose caller has no answer yet, and shares its generation, which still runs."),
        (RepeatEnded, "The same, but the generation has ended: it may have failed. Nothing was sent upstream."),
        (Bypass, "The images were made because the request asked for new ones: `refresh`, or no seed under `auto`."),
    ];

    /// <summary>A stored answer whose bytes are lost is stale: it can't be used any more.</summary>
    public static string Of(Submission submission) => submission.Outcome switch
    {
        _ when submission.ReplacesLost => Lost,
        CacheOutcome.Hit => submission.IsRepeat ? RepeatEnded : Hit,
        CacheOutcome.Miss => Stored,
        CacheOutcome.Coalesced => submission.IsRepeat ? RepeatRunning : Collapsed,
        _ => Bypass,
    };
}
