using System.Text.Json;
using System.Text.Json.Nodes;

namespace GenApi.Client;

/// <summary>A model with everything known about it.</summary>
public sealed record ModelDetails : ModelSummary
{
    /// <summary><c>replicate</c>, or <c>sandbox</c> for a painted stand-in.</summary>
    public string Upstream { get; init; } = "";

    /// <summary>The time at which version and inputs were read.</summary>
    public DateTimeOffset FetchedAt { get; init; }

    /// <summary>A JSON Schema (2020-12) of the inputs under the model's own names; null if the model publishes none.</summary>
    public JsonObject? InputSchema { get; init; }

    /// <summary>The common names that the model takes, each with the model's own inputs that it sets.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> CommonNames
    {
        get => field ?? new Dictionary<string, IReadOnlyList<string>>();
        init;
    }

    /// <summary>The example run that Replicate shows; null: none.</summary>
    public ModelExample? Example { get; init; }

    /// <summary>A request body that the model accepts as it is.</summary>
    public JsonObject ExampleRequest { get => field ?? []; init; }

    /// <summary>The same body as a request object, to send or to change.</summary>
    public GenerateRequest ToRequest() => ExampleRequest.Deserialize(RequestJson.Default.GenerateRequest) ?? new();
}

/// <summary>An example run that Replicate shows for a model.</summary>
public sealed record ModelExample
{
    /// <summary>The input, under the model's own names.</summary>
    public JsonObject Input { get => field ?? []; init; }

    /// <summary>The addresses of files at Replicate, which may have expired.</summary>
    public IReadOnlyList<string> Output { get => field ?? []; init; }
}
