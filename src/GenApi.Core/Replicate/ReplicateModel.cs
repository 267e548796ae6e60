using System.Text.Json;

namespace GenApi.Core.Replicate;

public sealed record ReplicateModel
{
    public required string Owner { get; init; }

    public required string Name { get; init; }

    public string? Description { get; init; }

    /// <summary>Official models are called by owner and name and billed by output; old answers do not tell.</summary>
    public bool IsOfficial { get; init; }

    public long? RunCount { get; init; }

    public string? CoverImageUrl { get; init; }

    /// <summary>Null for a model that nothing was ever pushed to.</summary>
    public ReplicateModelVersion? LatestVersion { get; init; }

    public Prediction? DefaultExample { get; init; }
}

public sealed record ReplicateModelVersion
{
    public required string Id { get; init; }

    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>OpenAPI 3.0 document of the model's own server; the inputs are under <c>components.schemas.Input</c>.</summary>
    public JsonElement? OpenApiSchema { get; init; }
}

/// <param name="Versions">Newest first; official models may list none.</param>
/// <param name="NextUrl">To be handed back as it is; null on the last page.</param>
public sealed record ReplicateVersionPage(IReadOnlyList<ReplicateModelVersion> Versions, string? NextUrl);

/// <summary>Whom the token belongs to; the type is <c>user</c> or <c>organization</c>.</summary>
public sealed record ReplicateAccount(string? Type, string? Username, string? Name);

public sealed record ReplicateHardware(string Sku, string? Name);
