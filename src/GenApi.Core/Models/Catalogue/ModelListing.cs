using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Core.Models.Timings;

namespace GenApi.Core.Models.Catalogue;

/// <summary>A model as a list shows it. What nobody has told yet is null.</summary>
public sealed record ModelListing
{
    /// <summary>The short name it can be asked for by; null: only in full.</summary>
    public string? Alias { get; init; }

    public required string Owner { get; init; }

    public required string Name { get; init; }

    /// <summary>64 hexadecimal digits: the one pinned by the alias, else the latest; null for official models, and while it is not known.</summary>
    public string? Version { get; init; }

    public bool? IsOfficial { get; init; }

    /// <summary>Whether a request that names no model gets this one.</summary>
    public bool IsDefault { get; init; }

    public string? Description { get; init; }

    /// <summary>All over the world, as the upstream counts.</summary>
    public long? RunCount { get; init; }

    public string? CoverImageUrl { get; init; }

    /// <summary>When the upstream was last asked about it.</summary>
    public DateTimeOffset? DescribedAt { get; init; }

    /// <summary>The price in force; null: none is known.</summary>
    public ModelPrice? Price { get; init; }

    /// <summary>What a usual run costs in US dollars; null: not known.</summary>
    public decimal? UsualUsd { get; init; }

    public ModelTimings Timings { get; init; } = ModelTimings.None;

    /// <summary><see cref="UsualUsd"/> for those who see only what is their own.</summary>
    public decimal? CoarseUsualUsd { get; init; }

    /// <summary><see cref="Timings"/> for those who see only what is their own.</summary>
    public ModelTimings CoarseTimings { get; init; } = ModelTimings.None;

    /// <summary><c>owner/name</c>.</summary>
    public string Reference => $"{Owner}/{Name}";
}

/// <param name="Models">In the order of their aliases.</param>
/// <param name="Next">The alias to go on after; null at the end.</param>
public sealed record ModelPage(IReadOnlyList<ModelListing> Models, string? Next);

/// <param name="Models">Aliases first, then what the upstream found, best first.</param>
/// <param name="Answered">Whether the upstream was asked and answered; without it only aliases are here.</param>
/// <param name="Code">Why it did not: a code of <see cref="Errors.ErrorCodes"/>; null when it was not asked.</param>
/// <param name="Dropped">How many of the upstream's results are known to make no images, and are left out.</param>
public sealed record ModelMatches(IReadOnlyList<ModelListing> Models, bool Answered, string? Code, int Dropped);

/// <summary>All that is known of one model.</summary>
public sealed record ModelDetails
{
    public required ModelListing Model { get; init; }

    /// <summary>When its version and inputs were read.</summary>
    public required DateTimeOffset FetchedAt { get; init; }

    /// <summary>A JSON Schema that stands alone; null when the model does not tell its inputs.</summary>
    public required JsonObject? InputSchema { get; init; }

    /// <summary>Which of the model's inputs each common name sets; a name that is not here is refused.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> CommonNames { get; init; }

    /// <summary>Null when the upstream shows none.</summary>
    public required ModelExample? Example { get; init; }

    /// <summary>A body for POST /generate that this model takes.</summary>
    public required JsonObject ExampleRequest { get; init; }
}

/// <param name="Versions">Newest first.</param>
/// <param name="Next">To be handed back for the next page; null on the last.</param>
public sealed record ModelVersions(IReadOnlyList<ModelVersion> Versions, string? Next);

/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="CreatedAt">When it was published; null when the upstream does not tell.</param>
/// <param name="IsUsed">Whether a request that names the model this way runs this version.</param>
public sealed record ModelVersion(string Id, DateTimeOffset? CreatedAt, bool IsUsed);
