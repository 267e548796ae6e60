namespace GenApi.Core.Diagnostics;

/// <summary>A generation that has ended, as metrics and traces report it.</summary>
public sealed record FinishedRun
{
    /// <summary><c>gen_…</c></summary>
    public required string Id { get; init; }

    /// <summary><c>owner/name</c></summary>
    public required string Model { get; init; }

    public string? Version { get; init; }

    /// <summary>succeeded, failed or canceled.</summary>
    public required string Status { get; init; }

    /// <summary>The code of the problem; null: there was none.</summary>
    public string? ErrorCode { get; init; }

    public long? Seed { get; init; }

    /// <summary>The number of images asked for, where the request names it.</summary>
    public long? Choices { get; init; }

    /// <summary>In millionths of a US dollar; null: no price is known.</summary>
    public long? CostMicros { get; init; }

    /// <summary>The time at which it was sent; if it never was, the time at which it was accepted.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>The prediction's id at the upstream.</summary>
    public string? ResponseId { get; init; }

    /// <summary>The W3C <c>traceparent</c> of the request that made it; null: not known.</summary>
    public string? TraceParent { get; init; }

    /// <summary>True if it was sent to the upstream, or may have been.</summary>
    public bool WasSent { get; init; }

    public Uri? Upstream { get; init; }

    /// <summary>Content, reported only where the operator wants it.</summary>
    public required string Prompt { get; init; }
}
