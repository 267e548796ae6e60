using System.Security.Cryptography;
using System.Text;
using static GenApi.Sandbox.Models.InputProperty;

namespace GenApi.Sandbox.Models;

/// <summary>
/// Test models with other outputs than pictures. <c>$png</c> in a template is a painted picture, <c>$animation</c> and <c>$wide</c> the
/// same in another format (<see cref="Painting.PictureFormat"/>), <c>$</c> and another extension one of the
/// <see cref="Files.Samples"/>, <c>$prompt</c> the prompt and <c>$image</c> the address in the input <c>image</c>.
/// </summary>
internal static class MixedModels
{
    public static readonly IReadOnlyList<ModelDefinition> All =
    [
        Make("clip", "A picture and a video of it", """{"image":"$png","video":"$mp4"}"""),
        Make(
            "mesh",
            "A model in three dimensions, a video and pictures of it",
            """{"model_file":"$glb","color_video":"$mp4","images":["$png"]}"""),
        Make("detect", "A picture, and what is in it as a file of JSON", """["$png","$json"]"""),
        Make("video", "A video and nothing else", "\"$mp4\""),
        Make("sound", "A sound and nothing else", "\"$wav\""),
        Make("files", "Files of many kinds, and no picture", """["$webm","$glb","$zip","$wav","$pdf","$html","$txt","$bin"]"""),
        Make("formats", "Pictures in formats that few models write", """["$jxl","$jp2","$tif","$ico","$svg"]"""),
        Make("signed", "A picture with a C2PA manifest, the same each time", "\"$signed.png\""),
        Make("animation", "An animated WebP of four frames", "\"$animation\""),
        Make("wide", "A PNG with 16 bits for each color, in the colors of Display P3", "\"$wide\""),
        Make("drawing", "An SVG and nothing else", "\"$svg\""),
        Make("words", "Text and no file", """["A ","lighthouse ","above a quiet sea"]"""),
        Make(
            "facts",
            "A picture with text, numbers, a link and the address of the input beside",
            """{"image":"$png","source":"$image","caption":"$prompt","scores":[0.98,2],"more":"https://example.com/lighthouse"}"""),
    ];

    private static readonly string[] Painted = ["\"$png\"", "\"$animation\"", "\"$wide\""];

    /// <summary>Returns whether a template has a picture that must be painted.</summary>
    public static bool IsPainted(string template) => Painted.Any(each => template.Contains(each, StringComparison.Ordinal));

    private static ModelDefinition Make(string name, string description, string output) => new("sandbox", name, description)
    {
        OutputTemplate = output,
        CreatedAt = "2025-01-01T00:00:00.000000Z",
        Versions = [new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name))), "2025-01-01T00:00:00.000000Z")],
        BaseTime = TimeSpan.FromSeconds(0.2),
        Inputs =
        [
            Text("prompt", "What to make", "a lighthouse above a quiet sea"),
            File("image", "Picture to begin from"),
            Integer("width", "Width of the picture in pixels", 512, 16, 2048),
            Integer("height", "Height of the picture in pixels", 512, 16, 2048),
            Integer("seed", "Random seed; leave out for a random one"),
        ],
    };
}
