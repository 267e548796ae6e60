using System.Text;
using System.Text.Json;

namespace GenApi.Tests.Doors.Clients.Replays;

/// <summary>
/// Programs that can't run here send their requests byte for byte and read the answers in their own way. Each finds its pictures, takes
/// them for what they are, pays for each once, and the answer names every field that had no effect.
/// </summary>
public sealed class ReplayTests(FastClientApp app) : IClassFixture<FastClientApp>
{
    /// <summary>Fields that decide about the request or its answer. Whether they do, the pictures show.</summary>
    private static readonly string[] Used =
    [
        "prompt", "model", "n", "size", "response_format", "output_format", "output_compression", "image", "image[]", "mask", "user",
        "version", "input", "batch_size",
    ];

    /// <summary>The names of models' inputs that a field may become.</summary>
    private static readonly Dictionary<string, string[]> Becomes = new()
    {
        ["steps"] = ["num_inference_steps"],
        ["sampling_steps"] = ["num_inference_steps"],
        ["cfg"] = ["guidance_scale", "guidance"],
        ["cfg_scale"] = ["guidance_scale", "guidance"],
        ["width"] = ["aspect_ratio"],
        ["height"] = ["aspect_ratio"],
        ["aspectRatio"] = ["aspect_ratio"],
    };

    public static TheoryData<string, string> Programs => [.. ReplayedPrograms.All.Select(each => (each.Have, each.What))];

    [Theory, MemberData(nameof(Programs))]
    public async Task It_finds_its_pictures_and_pays_for_each_once(string have, string what)
    {
        var program = ReplayedPrograms.All.Single(each => (each.Have, each.What) == (have, what));
        var prompt = string.Concat($"replay-{have}-{what}".Where(each => char.IsAsciiLetterOrDigit(each) || each == '-'));

        var result = await program.RunAsync(ReplayTarget.Of(app, ReadmeLines.Base(have, app), prompt));

        Assert.Equal(program.Count, result.Pictures.Count);
        Assert.All(result.Pictures, picture => Assert.Equal(TypeOf(picture.Bytes), picture.Label));
        var inputs = Inputs(prompt);
        Assert.InRange(inputs.Count, 1, program.Count);
        AssertNothingVanished(result, inputs[0]);
    }

    private static void AssertNothingVanished(ReplayResult result, JsonElement input)
    {
        var ignored = (result.Answer.Header("Genapi-Ignored") ?? "").Split(',', StringSplitOptions.TrimEntries);
        var vanished = result.Request.Fields
            // "auto" asks for nothing.
            .Where(field => field.Text != "auto" && !Used.Contains(field.Name) && !ignored.Contains(field.Name))
            .Where(field => !Becomes.GetValueOrDefault(field.Name, []).Append(field.Name).Any(name => input.TryGetProperty(name, out _)))
            .Select(field => field.Name);
        Assert.Empty(vanished);
    }

    /// <summary>The inputs of the predictions that the sandbox made for a prompt.</summary>
    private List<JsonElement> Inputs(string prompt) =>
    [
        .. app.App.Sandbox.Stats.CreationRequests
            .Where(made => made.PredictionId is not null && made.Body.Contains($"\"{prompt}\"", StringComparison.Ordinal))
            .Select(made => JsonElement.Parse(made.Body).GetProperty("input")),
    ];

    private static string TypeOf(byte[] bytes) => Encoding.Latin1.GetString(bytes[..4]) switch
    {
        "\x89PNG" => "image/png",
        "RIFF" => "image/webp",
        ['\xFF', '\xD8', ..] => "image/jpeg",
        var other => $"unknown: {other}",
    };
}
