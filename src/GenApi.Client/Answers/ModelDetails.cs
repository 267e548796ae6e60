using System.Text.Json;
using System.Text.Json.Nodes;

namespace GenApi.Client;

/// <summary>All that is known of a model.</summary>
public sealed record ModelDetails : ModelSummary
{
    /// <summary><c>replicate</c>, or <c>sandbox</c> for a painted stand-in.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>When version and inputs were read.</summary>
    public DateTimeOffset FetchedAt { get; init; }

    /// <summary>A JSON Schema (2020-12) of the inputs under the model's own names; null for a model that tells none.</summary>
    public JsonObject? InputSchema { get; init; }

    /// <summary>Each common name that the model takes, and the model's own inputs that it sets.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> CommonNames
    {
        get => field ?? new Dictionary<string, IReadOnlyList<string>>();
        init;
    }

    /// <summary>A run that Replicate shows for it; null when it shows none.</summary>
    public ModelExample? Example { get; init; }

    /// <summary>A body that the model takes as it is.</summary>
    public JsonObject ExampleRequest { get => field ?? []; init; }

    /// <summary>The same as a request to send or to change.</summary>
    public GenerateRequest ToRequest() => ExampleRequest.Deserialize(RequestJson.Default.GenerateRequest) ?? new();
}

/// <summary>A run that Replicate shows for a model.</summary>
public sealed record ModelExample
{
    /// <summary>Under the model's own names.</summary>
    public JsonObject Input { get => field ?? []; init; }

    /// <summary>Addresses of files at Replicate, which may be gone.</summary>
    public IReadOnlyList<string> Output { get => field ?? []; init; }
}
