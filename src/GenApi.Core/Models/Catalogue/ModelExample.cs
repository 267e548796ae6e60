using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Outputs;

namespace GenApi.Core.Models.Catalogue;

/// <summary>A run that the upstream shows as a model's example.</summary>
/// <param name="Input">The input by the model's own names; an object.</param>
/// <param name="Output">The addresses of the output files. The upstream may have removed the files since.</param>
public sealed record ModelExample(JsonElement Input, IReadOnlyList<string> Output)
{
    /// <summary>The longest input in bytes of JSON. Inputs can hold whole files as data URIs, which make no useful example.</summary>
    private const int LongestInput = 64 * 1024;

    private const int MostFiles = 20;

    /// <summary>Reads the example of a run; null if there is nothing to show.</summary>
    internal static ModelExample? Of(Prediction? prediction) =>
        prediction?.Input is { ValueKind: JsonValueKind.Object } input && input.GetRawText().Length <= LongestInput
            ? new ModelExample(input,
            [
                .. PredictionOutput.Collect(prediction.Output)
                    .Where(address => address.StartsWith("http", StringComparison.OrdinalIgnoreCase)).Take(MostFiles),
            ])
            : null;

    internal static ModelExample Parse(string json)
    {
        var row = JsonElement.Parse(json);
        var output = row.GetProperty("output").EnumerateArray().Select(address => address.GetString()!);
        return new ModelExample(row.GetProperty("input"), [.. output]);
    }

    internal string ToJson() => new JsonObject
    {
        ["input"] = JsonObject.Create(Input),
        ["output"] = new JsonArray([.. Output.Select(address => (JsonNode)address)]),
    }.ToJsonString();
}
