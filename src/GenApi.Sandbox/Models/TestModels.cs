using System.Security.Cryptography;
using System.Text;
using GenApi.Sandbox.Control;
using static GenApi.Sandbox.Models.InputProperty;

namespace GenApi.Sandbox.Models;

/// <summary>
/// Models for tests, which exist only here. They are official (called by name), share their inputs and follow
/// <see cref="SandboxOptions.Speed"/> like all others: <c>sandbox/slow</c> takes 30 s at speed 1, 6 s at speed 5 and no time at speed 0.
/// </summary>
internal static class TestModels
{
    public static readonly IReadOnlyList<ModelDefinition> All =
    [
        Make("slow", "Takes 30 seconds", Ending.Succeeds) with { BaseTime = TimeSpan.Zero, StepTime = TimeSpan.FromSeconds(1.5) },
        Make("fails", "Ends as failed, with an error text", Ending.Fails),
        Make("refuses", "Ends as failed, with the text of the safety filter", Ending.Refuses),
        Make("empty", "Succeeds without any output", Ending.Empty),
        Make("aborts", "Is aborted before it starts", Ending.Aborts),
        Make("cold", "Boots for 30 seconds before every run", Ending.Succeeds) with
        {
            BootTime = TimeSpan.FromSeconds(30),
            AlwaysCold = true,
        },
        Make(
            "collage",
            "Begins from several pictures",
            Ending.Succeeds,
            more: [FileList("image_input", "Pictures to begin from; the first shows through")]),
        Make("partial", "Gives half of the pictures asked for, rounded up", Ending.Partial, outputs: 4),
    ];

    private static ModelDefinition Make(
        string name,
        string description,
        Ending ending,
        int outputs = 1,
        IReadOnlyList<InputProperty>? more = null) => new("sandbox", name, description)
        {
            Ending = ending,
            CreatedAt = "2025-01-01T00:00:00.000000Z",
            Versions = [new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))), "2025-01-01T00:00:00.000000Z")],
            BaseTime = TimeSpan.FromSeconds(0.2),
            StepTime = TimeSpan.FromMilliseconds(40),
            Inputs =
        [
            Text("prompt", "What to paint", "a lighthouse above a quiet sea"),
            Text("negative_prompt", "What to keep out of the picture", ""),
            Integer("width", "Width of the picture in pixels", 512, 16, 2048),
            Integer("height", "Height of the picture in pixels", 512, 16, 2048),
            Integer("num_outputs", "How many pictures", outputs, 1, 4),
            Integer("num_inference_steps", "Number of denoising steps", 20, 1, 500),
            Integer("seed", "Random seed; leave out for a random one"),
            Choice("output_format", "Format of the files", "png jpg webp"),
            .. more ?? [],
        ],
        };
}
