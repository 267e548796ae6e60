using System.Text.Json;

namespace GenApi.Core.Replicate;

/// <summary>A model at the upstream.</summary>
public sealed record ReplicateModel
{
    public required string Owner { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

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

    /// <summary>The OpenAPI 3.0 document of the model's server; its inputs are in <c>components.schemas.Input</c>.</summary>
    public JsonElement? OpenApiSchema { get; init; }
}

/// <summary>A page of versions.</summary>
/// <param name="Versions">Newest first; official models may list none.</param>
/// <param name="NextUrl">The address of the next page, to be used unchanged; null on the last page.</param>
public sealed record ReplicateVersionPage(IReadOnlyList<ReplicateModelVersion> Versions, string? NextUrl);

/// <summary>The account of the token; its type is <c>user</c> or <c>organization</c>.</summary>
public sealed record ReplicateAccount(string? Type, string? Username, string? Name);

public sealed record ReplicateHardware(string Sku, string? Name);
