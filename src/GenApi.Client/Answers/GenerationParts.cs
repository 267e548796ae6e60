namespace GenApi.Client;

/// <summary>The progress of a run.</summary>
public sealed record GenerationProgress
{
    /// <summary>The finished part, from 0 to 1.</summary>
    public double Percentage { get; init; }

    /// <summary>Steps done.</summary>
    public int Current { get; init; }

    /// <summary>Steps in all.</summary>
    public int Total { get; init; }
}

/// <summary>The reason for a failure.</summary>
public sealed record GenerationError
{
    /// <summary>A stable word, one of the problem codes.</summary>
    public string Code { get; init; } = "";

    /// <summary>The reason in words.</summary>
    public string Message { get; init; } = "";

    /// <summary>True if the same request can succeed later. False if it would fail the same way and cost as much.</summary>
    public bool Retryable { get; init; }

    /// <summary>The reasons, by the JSON path of the input; null if no member of the input is to blame.</summary>
    public Dictionary<string, string[]>? Errors { get; init; }
}

/// <summary>The durations of a generation's phases, in seconds; null: not yet.</summary>
public sealed record GenerationTiming
{
    /// <summary>The time from acceptance by the service to acceptance by Replicate.</summary>
    public double? QueuedSeconds { get; init; }

    /// <summary>The time from acceptance by Replicate to the start of the model.</summary>
    public double? StartingSeconds { get; init; }

    /// <summary>The run time of the model.</summary>
    public double? PredictSeconds { get; init; }

    /// <summary>The time from the model's end until every output was stored.</summary>
    public double? StoringSeconds { get; init; }

    /// <summary>The total.</summary>
    public double? TotalSeconds { get; init; }

    /// <summary>True if a machine had to boot; null until the model has started.</summary>
    public bool? ColdStart { get; init; }
}

/// <summary>The cost of a generation. While it runs, this is the usual cost of such runs.</summary>
public sealed record GenerationCost
{
    /// <summary>US dollars.</summary>
    public decimal Usd { get; init; }

    /// <summary>True if the amount is an estimate from the operator's price table.</summary>
    public bool Estimated { get; init; }
}

/// <summary>The account that made a generation.</summary>
public sealed record GenerationAccount
{
    /// <summary><c>key_</c> and 26 characters, or a word for an account without a key.</summary>
    public string Id { get; init; } = "";

    /// <summary>The name that the key has now, or the word again.</summary>
    public string Name { get; init; } = "";
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
