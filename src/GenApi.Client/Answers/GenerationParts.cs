namespace GenApi.Client;

/// <summary>How far a model is.</summary>
public sealed record GenerationProgress
{
    /// <summary>From 0 to 1.</summary>
    public double Percentage { get; init; }

    /// <summary>Steps done.</summary>
    public int Current { get; init; }

    /// <summary>Steps in all.</summary>
    public int Total { get; init; }
}

/// <summary>Why a generation failed.</summary>
public sealed record GenerationError
{
    /// <summary>A stable word, one of the codes of problems.</summary>
    public string Code { get; init; } = "";

    /// <summary>The reason in words.</summary>
    public string Message { get; init; } = "";

    /// <summary>Whether the same request can end otherwise. False where it would end the same way, and cost as much.</summary>
    public bool Retryable { get; init; }

    /// <summary>JSON path to what the model says is wrong there; null where no member of the input is to blame.</summary>
    public Dictionary<string, string[]>? Errors { get; init; }
}

/// <summary>How long the phases of a generation took, in seconds; null what has not happened yet.</summary>
public sealed record GenerationTiming
{
    /// <summary>From acceptance by the service to acceptance by Replicate.</summary>
    public double? QueuedSeconds { get; init; }

    /// <summary>From there to the start of the model.</summary>
    public double? StartingSeconds { get; init; }

    /// <summary>How long the model ran.</summary>
    public double? PredictSeconds { get; init; }

    /// <summary>From its end until every output was stored.</summary>
    public double? StoringSeconds { get; init; }

    /// <summary>Altogether.</summary>
    public double? TotalSeconds { get; init; }

    /// <summary>Whether a machine had to boot for it; null until it has started.</summary>
    public bool? ColdStart { get; init; }
}

/// <summary>What a generation costs: while it runs, what such runs usually do.</summary>
public sealed record GenerationCost
{
    /// <summary>US dollars.</summary>
    public decimal Usd { get; init; }

    /// <summary>Whether it is worked out from the operator's price table rather than certain.</summary>
    public bool Estimated { get; init; }
}

/// <summary>Absolute addresses of a generation.</summary>
public sealed record GenerationUrls
{
    /// <summary>The generation itself.</summary>
    public string Self { get; init; } = "";

    /// <summary>Its events.</summary>
    public string Events { get; init; } = "";

    /// <summary>POST there to cancel it.</summary>
    public string Cancel { get; init; } = "";

    /// <summary>The model's log.</summary>
    public string Logs { get; init; } = "";
}
