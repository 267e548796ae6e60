namespace GenApi.Client;

/// <summary>A model as a list shows it. What nobody has told yet is null.</summary>
public record ModelSummary
{
    /// <summary>The short name to put into <see cref="GenerateRequest.Model"/>; null: it is named in full.</summary>
    public string? Alias { get; init; }

    /// <summary><c>owner/name</c>.</summary>
    public string Model { get; init; } = "";

    /// <summary>The version that the alias pins, else the latest; null for official models.</summary>
    public string? Version { get; init; }

    /// <summary>Official models are run by their name and are always warm; community models are run by a version.</summary>
    public bool? Official { get; init; }

    /// <summary>Whether a request that names no model gets this one.</summary>
    public bool Default { get; init; }

    /// <summary>What it does, in its author's words.</summary>
    public string? Description { get; init; }

    /// <summary>Runs all over the world.</summary>
    public long? RunCount { get; init; }

    /// <summary>A picture that Replicate shows for it.</summary>
    public string? CoverImageUrl { get; init; }

    /// <summary>When Replicate told the members above.</summary>
    public DateTimeOffset? DescribedAt { get; init; }

    /// <summary>What a run costs; null: no price is known.</summary>
    public ModelPrice? Price { get; init; }

    /// <summary>
    /// <c>warm</c>: the next run would probably start at once. <c>cold</c>: a machine would boot first. Or <c>unknown</c>.
    /// </summary>
    public string State { get; init; } = "";

    /// <summary>When it was last seen running; for administrators.</summary>
    public DateTimeOffset? LastRunAt { get; init; }

    /// <summary>How long its last runs took; null: none was seen.</summary>
    public ModelTimes? Times { get; init; }

    /// <summary>How the operator keeps it warm; null: not at all.</summary>
    public ModelKeepWarm? KeepWarm { get; init; }
}

/// <summary>What a run costs, in US dollars; what is not null adds up.</summary>
public sealed record ModelPrice
{
    /// <summary>The machine whose seconds are billed; null for a model that is billed by its output.</summary>
    public string? Hardware { get; init; }

    /// <summary>Whether booting and failed runs are billed, too.</summary>
    public bool Private { get; init; }

    /// <summary>For each second that the model runs.</summary>
    public decimal? UsdPerSecond { get; init; }

    /// <summary>For each run.</summary>
    public decimal? UsdPerRun { get; init; }

    /// <summary>For each image.</summary>
    public decimal? UsdPerImage { get; init; }

    /// <summary>For 1024 × 1024 pixels.</summary>
    public decimal? UsdPerMegapixel { get; init; }

    /// <summary>What a usual run costs; null: there is nothing to go by yet.</summary>
    public decimal? TypicalUsd { get; init; }
}

/// <summary>How long the last runs of a model took; null what was not seen.</summary>
public sealed record ModelTimes
{
    /// <summary>How many runs were looked at; for administrators.</summary>
    public int? Runs { get; init; }

    /// <summary>From creation until the model ran, where no machine had to boot.</summary>
    public ModelTime? WarmStart { get; init; }

    /// <summary>The same with booting.</summary>
    public ModelTime? ColdStart { get; init; }

    /// <summary>The model itself.</summary>
    public ModelTime? Predict { get; init; }
}

/// <summary>How long something took.</summary>
public sealed record ModelTime
{
    /// <summary>How many runs the two figures come from; for administrators.</summary>
    public int? Runs { get; init; }

    /// <summary>Half of them took no longer.</summary>
    public double MedianSeconds { get; init; }

    /// <summary>19 of 20 took no longer.</summary>
    public double P95Seconds { get; init; }
}

/// <summary>How a model is kept warm.</summary>
public sealed record ModelKeepWarm
{
    /// <summary>The alias under which that is set.</summary>
    public string Alias { get; init; } = "";

    /// <summary>How long it may have nothing to do before it is run.</summary>
    public int EveryMinutes { get; init; }

    /// <summary>When it is run next; for administrators.</summary>
    public DateTimeOffset? NextRunAt { get; init; }

    /// <summary>US dollars; for administrators.</summary>
    public decimal? SpentTodayUsd { get; init; }

    /// <summary>US dollars.</summary>
    public decimal DailyLimitUsd { get; init; }

    /// <summary>What is in the way; for administrators.</summary>
    public KeepWarmHindrance? NotRunning { get; init; }
}

/// <summary>Why a model is not kept warm now.</summary>
public sealed record KeepWarmHindrance
{
    /// <summary>A stable word, such as <c>outside_hours</c> or <c>daily_limit</c>.</summary>
    public string Code { get; init; } = "";

    /// <summary>The same in a sentence.</summary>
    public string Message { get; init; } = "";
}

/// <summary>What a search for models found.</summary>
public sealed record ModelSearchResult
{
    /// <summary>The models.</summary>
    [System.Text.Json.Serialization.JsonPropertyName("data")]
    public IReadOnlyList<ModelSummary> Models { get => field ?? []; init; }

    /// <summary>What a request that names no model gets.</summary>
    public string Default { get; init; } = "";

    /// <summary>How far the search went.</summary>
    public ModelSearch Search { get => field ?? new(); init; }
}

/// <summary>How far a search for models went.</summary>
public sealed record ModelSearch
{
    /// <summary>Whether Replicate was asked and answered; if not, only aliases were searched.</summary>
    public bool UpstreamAnswered { get; init; }

    /// <summary>Why it did not: a code of the problems; null when it was not asked.</summary>
    public string? Code { get; init; }

    /// <summary>Results that are left out because they make no images.</summary>
    public int LeftOut { get; init; }
}

/// <summary>A version of a community model.</summary>
public sealed record ModelVersion
{
    /// <summary>64 hexadecimal digits, to be named as <c>owner/name:version</c>.</summary>
    public string Version { get; init; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Whether a request that names the model as the list was asked for runs this version.</summary>
    public bool Used { get; init; }
}
