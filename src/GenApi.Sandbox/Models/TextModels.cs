using System.Text.Json.Nodes;
using static GenApi.Sandbox.Models.InputProperty;

namespace GenApi.Sandbox.Models;

/// <summary>
/// Replicate's two models for trying an integration: the scripts of the official clients run them and compare the greeting. Names and
/// version ids are those of the real ones.
/// </summary>
internal static class TextModels
{
    private const string Placeholder = "$text";

    public static readonly ModelDefinition Canary = Make(
        "canary",
        "A model that greets, for trying whether everything works",
        "hello there, $text",
        "30e22229542eb3f79d4f945dacb58d32001b02cc313ae6f54eef27904edf3272");

    public static readonly ModelDefinition HelloWorld = Make(
        "hello-world",
        "A tiny model that says hello",
        "hello $text",
        "9dcd6d78e7c6560c340d916fe32e9f24aabfa331e5cce95fe31f77fb03121426",
        "5c7d5dc6dd8bf75c1acaa8565735e7986bc5b66206b55cca93cb72c9bf15ccaa");

    /// <summary>Fills the input <c>text</c> into a sentence of a template.</summary>
    public static string Fill(string sentence, JsonNode? input) =>
        sentence.Replace(Placeholder, input?["text"]?.GetValue<string>() ?? "", StringComparison.Ordinal);

    private static ModelDefinition Make(string name, string description, string sentence, params string[] versions) =>
        new("replicate", name, description)
        {
            Official = false,
            CreatedAt = "2023-01-01T00:00:00.000000Z",
            RunCount = 12_000_000,
            ExampleInput = """{"text":"Alice"}""",
            Versions = [.. versions.Select(id => new ModelVersion(id, "2023-01-01T00:00:00.000000Z"))],
            BaseTime = TimeSpan.FromSeconds(0.1),
            Log = LogStyle.None,
            Output = OutputShape.Text,
            OutputTemplate = JsonValue.Create(sentence).ToJsonString(),
            Inputs = [Text("text", "Whom to greet", required: true)],
        };
}
