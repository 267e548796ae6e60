using System.Text.Json.Nodes;
using GenApi.Core.Models.Timings;

namespace GenApi.Core.Models.Catalogue;

/// <summary>A model as shown in a list. Unknown members are null.</summary>
public sealed record ModelListing
{
    /// <summary>The short name of the model; null if it can only be named in full.</summary>
    public string? Alias { get; init; }

    public required string Owner { get; init; }

    public required string Name { get; init; }

    /// <summary>
    /// 64 hexadecimal digits: the version pinned by the alias, or the latest one; null for official models, and while it is not known.
    /// </summary>
    public string? Version { get; init; }

    public bool? IsOfficial { get; init; }

    /// <summary>True if a request without a model uses this one.</summary>
    public bool IsDefault { get; init; }

    public string? Description { get; init; }

    /// <summary>The number of runs by all users, as counted by the upstream.</summary>
    public long? RunCount { get; init; }

    public string? CoverImageUrl { get; init; }

    /// <summary>The time at which the upstream was last asked about the model.</summary>
    public DateTimeOffset? DescribedAt { get; init; }

    /// <summary>The price in force; null: unknown.</summary>
    public ModelPrice? Price { get; init; }

    /// <summary>The cost of a typical run in US dollars; null: unknown.</summary>
    public decimal? UsualUsd { get; init; }

    public ModelTimings Timings { get; init; } = ModelTimings.None;

    /// <summary><see cref="UsualUsd"/> for callers who see only their own account.</summary>
    public decimal? CoarseUsualUsd { get; init; }

    /// <summary><see cref="Timings"/> for callers who see only their own account.</summary>
    public ModelTimings CoarseTimings { get; init; } = ModelTimings.None;

    /// <summary><c>owner/name</c>.</summary>
    public string Reference => $"{Owner}/{Name}";
}

/// <param name="Models">In the order of their aliases.</param>
/// <param name="Next">The alias after which the next page begins; null at the end.</param>
public sealed record ModelPage(IReadOnlyList<ModelListing> Models, string? Next);

/// <param name="Models">Aliases first, then the upstream's results, best first.</param>
/// <param name="Answered">Whether the upstream was asked and answered; otherwise there are only aliases.</param>
/// <param name="Code">Why it did not answer: a code of <see cref="Errors.ErrorCodes"/>; null if it was not asked.</param>
/// <param name="Dropped">How many of the upstream's results were left out because they are known not to make images.</param>
public sealed record ModelMatches(IReadOnlyList<ModelListing> Models, bool Answered, string? Code, int Dropped);

/// <summary>Everything known about one model.</summary>
public sealed record ModelDetails
{
    public required ModelListing Model { get; init; }

    /// <summary>The time at which its version and inputs were read.</summary>
    public required DateTimeOffset FetchedAt { get; init; }

    /// <summary>A self-contained JSON Schema; null if the model does not publish its inputs.</summary>
    public required JsonObject? InputSchema { get; init; }

    /// <summary>The model's inputs that each common name sets; any other common name is refused.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> CommonNames { get; init; }

    /// <summary>Null if the upstream shows none.</summary>
    public required ModelExample? Example { get; init; }

    /// <summary>A body for POST /generate that this model accepts.</summary>
    public required JsonObject ExampleRequest { get; init; }
}

/// <param name="Versions">Newest first.</param>
/// <param name="Next">The cursor of the next page; null on the last one.</param>
public sealed record ModelVersions(IReadOnlyList<ModelVersion> Versions, string? Next);

/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="CreatedAt">When it was published; null if the upstream does not say.</param>
/// <param name="IsUsed">Whether a request that names the model this way runs this version.</param>
public sealed record ModelVersion(string Id, DateTimeOffset? CreatedAt, bool IsUsed);
