using System.Text.Json;

namespace GenApi.Core.Replicate;

/// <summary>A model at the upstream.</summary>
public sealed record ReplicateModel
{
    public required string Owner { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>The page of the model.</summary>
    public string? Url { get; init; }

    public bool IsPrivate { get; init; }

    public string? GithubUrl { get; init; }

    public string? PaperUrl { get; init; }

    public string? LicenseUrl { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Official models are called by owner and name and billed by output. Old answers lack it.</summary>
    public bool IsOfficial { get; init; }

    public long? RunCount { get; init; }

    public string? CoverImageUrl { get; init; }

    /// <summary>The latest version; null for a model without any.</summary>
    public ReplicateModelVersion? LatestVersion { get; init; }

    public Prediction? DefaultExample { get; init; }
}

/// <summary>A version of a model.</summary>
public sealed record ReplicateModelVersion
{
    public required string Id { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The release of Cog that built it.</summary>
    public string? CogVersion { get; init; }

    /// <summary>The OpenAPI 3.0 document of the model's server; its inputs are in <c>components.schemas.Input</c>.</summary>
    public JsonElement? OpenApiSchema { get; init; }
}

/// <summary>A page of versions.</summary>
/// <param name="Versions">Newest first; official models may list none.</param>
/// <param name="NextUrl">The address of the next page, to be used unchanged; null on the last page.</param>
public sealed record ReplicateVersionPage(IReadOnlyList<ReplicateModelVersion> Versions, string? NextUrl);

/// <summary>A named list of models.</summary>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Description">One sentence about it.</param>
/// <param name="FullDescription">Markdown; null in lists, and if there is none.</param>
/// <param name="Models">Its models; empty in lists.</param>
public sealed record CollectionOfModels(
    string Slug, string Name, string? Description, string? FullDescription, IReadOnlyList<ReplicateModel> Models);

/// <summary>A page of collections.</summary>
/// <param name="Collections">In the upstream's order.</param>
/// <param name="NextUrl">The address of the next page, to be used unchanged; null on the last page.</param>
public sealed record CollectionsPage(IReadOnlyList<CollectionOfModels> Collections, string? NextUrl);

/// <summary>The account of the token; its type is <c>user</c> or <c>organization</c>.</summary>
public sealed record ReplicateAccount(string? Type, string? Username, string? Name);

public sealed record ReplicateHardware(string Sku, string? Name);
