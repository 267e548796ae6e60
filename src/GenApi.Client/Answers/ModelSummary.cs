namespace GenApi.Client;

/// <summary>A model as a list shows it. Unknown members are null.</summary>
public record ModelSummary
{
    /// <summary>The short name to put into <see cref="GenerateRequest.Model"/>; null: use the full name.</summary>
    public string? Alias { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public string Model { get; init; } = "";

    /// <summary>The version that the alias pins, else the latest; null for official models.</summary>
    public string? Version { get; init; }

    /// <summary>True if the model is official: run by its name and always warm. Community models are run by a version.</summary>
    public bool? Official { get; init; }

    /// <summary>True if requests that name no model get this one.</summary>
    public bool Default { get; init; }

    /// <summary>The author's description.</summary>
    public string? Description { get; init; }

    /// <summary>The number of runs worldwide.</summary>
    public long? RunCount { get; init; }

    /// <summary>A picture that Replicate shows for it.</summary>
    public string? CoverImageUrl { get; init; }

    /// <summary>The time at which Replicate reported the members above.</summary>
    public DateTimeOffset? DescribedAt { get; init; }

    /// <summary>The price of a run; null: unknown.</summary>
    public ModelPrice? Price { get; init; }

    /// <summary>
    /// <c>warm</c>: the next run would probably start at once. <c>cold</c>: a machine would boot first. Or <c>unknown</c>.
    /// </summary>
    public string State { get; init; } = "";

    /// <summary>The time of its last run seen; only for administrators.</summary>
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>The durations of its last runs; null: none seen.</summary>
    public ModelTimes? Times { get; init; }

    /// <summary>The operator's schedule for keeping it warm; null: not kept warm.</summary>
    public ModelKeepWarm? KeepWarm { get; init; }
}

/// <summary>The price of a run in US dollars: the sum of the members that are not null.</summary>
public sealed record ModelPrice
{
    /// <summary>The machine whose seconds are billed; null for a model that is billed by its output.</summary>
    public string? Hardware { get; init; }

    /// <summary>True if booting and failed runs are billed as well.</summary>
    public bool Private { get; init; }

    /// <summary>The price of each second of run time.</summary>
    public decimal? UsdPerSecond { get; init; }

    /// <summary>The price of each run.</summary>
    public decimal? UsdPerRun { get; init; }

    /// <summary>The price of each image.</summary>
    public decimal? UsdPerImage { get; init; }

    /// <summary>The price of 1024 × 1024 pixels.</summary>
    public decimal? UsdPerMegapixel { get; init; }

    /// <summary>The cost of a typical run; null: unknown so far.</summary>
    public decimal? TypicalUsd { get; init; }
}

/// <summary>The durations of a model's last runs; null: not seen.</summary>
public sealed record ModelTimes
{
    /// <summary>The number of runs measured; only for administrators.</summary>
    public int? Runs { get; init; }

    /// <summary>The time from creation until the model ran, without booting.</summary>
    public ModelTime? WarmStart { get; init; }

    /// <summary>The time from creation until the model ran, with booting.</summary>
    public ModelTime? ColdStart { get; init; }

    /// <summary>The run time of the model.</summary>
    public ModelTime? Predict { get; init; }
}

/// <summary>A duration over several runs.</summary>
public sealed record ModelTime
{
    /// <summary>The number of runs behind the two values; only for administrators.</summary>
    public int? Runs { get; init; }

    /// <summary>Half of the runs took no longer.</summary>
    public double MedianSeconds { get; init; }

    /// <summary>19 of 20 runs took no longer.</summary>
    public double P95Seconds { get; init; }
}

/// <summary>The schedule that keeps a model warm.</summary>
public sealed record ModelKeepWarm
{
    /// <summary>The alias whose settings apply.</summary>
    public string Alias { get; init; } = "";

    /// <summary>The idle time after which it is run.</summary>
    public int EveryMinutes { get; init; }

    /// <summary>The time of its next run; only for administrators.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>US dollars; for administrators.</summary>
    public decimal? SpentTodayUsd { get; init; }

    /// <summary>US dollars.</summary>
    public decimal DailyLimitUsd { get; init; }

    /// <summary>The reason why it is not kept warm now; only for administrators.</summary>
    public KeepWarmHindrance? NotRunning { get; init; }
}

/// <summary>A reason why a model is not kept warm now.</summary>
public sealed record KeepWarmHindrance
{
    /// <summary>A stable word, such as <c>outside_hours</c> or <c>daily_limit</c>.</summary>
    public string Code { get; init; } = "";

    /// <summary>The reason in a sentence.</summary>
    public string Message { get; init; } = "";
}

/// <summary>The result of a search for models.</summary>
public sealed record ModelSearchResult
{
    /// <summary>The models.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("data")]
    public IReadOnlyList<ModelSummary> Models { get => field ?? []; init; }

    /// <summary>The model of requests that name none.</summary>
    public string Default { get; init; } = "";

    /// <summary>The scope of the search.</summary>
    public ModelSearch Search { get => field ?? new(); init; }
}

/// <summary>The scope of a search for models.</summary>
public sealed record ModelSearch
{
    /// <summary>True if Replicate's search answered. If not, only aliases were searched.</summary>
    public bool UpstreamAnswered { get; init; }

    /// <summary>The problem code of a failed search at Replicate; null if Replicate was not asked.</summary>
    public string? Code { get; init; }

    /// <summary>The number of results left out because they make no images.</summary>
    public int LeftOut { get; init; }
}

/// <summary>A version of a community model.</summary>
public sealed record ModelVersion
{
    /// <summary>64 hexadecimal digits; use it as <c>owner/name:version</c>.</summary>
    public string Version { get; init; } = "";

    /// <summary>The time of its creation.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>True if a request with the name used for this list runs this version.</summary>
    public bool Used { get; init; }
}
