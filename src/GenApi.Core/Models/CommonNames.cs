using System.Collections.Frozen;

namespace GenApi.Core.Models;

/// <summary>The names that mean the same for every model, and what models call them; the first that a model has is meant.</summary>
internal static class CommonNames
{
    public const string Prompt = "prompt";
    public const string NegativePrompt = "negative_prompt";
    public const string Width = "width";
    public const string Height = "height";
    public const string AspectRatio = "aspect_ratio";
    public const string Seed = "seed";
    public const string NumOutputs = "num_outputs";
    public const string Steps = "steps";
    public const string Guidance = "guidance";
    public const string Image = "image";
    public const string Mask = "mask";
    public const string Strength = "strength";
    public const string OutputFormat = "output_format";

    private static readonly FrozenDictionary<string, string[]> Own = new Dictionary<string, string[]>
    {
        [Prompt] = ["prompt"],
        [NegativePrompt] = ["negative_prompt"],
        [Width] = ["width"],
        [Height] = ["height"],
        [AspectRatio] = ["aspect_ratio"],
        [Seed] = ["seed"],
        [NumOutputs] = ["num_outputs", "num_images", "number_of_images"],
        [Steps] = ["num_inference_steps", "steps"],
        [Guidance] = ["guidance_scale", "guidance", "cfg", "cfg_scale"],
        [Image] = ["image", "input_image", "init_image", "image_prompt", "input_images", "image_input", "image_reference_url", "img"],
        [Mask] = ["mask"],
        [Strength] = ["prompt_strength", "strength", "image_prompt_strength", "image_reference_weight"],
        [OutputFormat] = ["output_format"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Run the other way: 1 keeps the source image, where <c>prompt_strength</c> 1 ignores it.</summary>
    private static readonly FrozenSet<string> TurnedStrengths = FrozenSet.Create("image_prompt_strength", "image_reference_weight");

    public static IEnumerable<string> All => Own.Keys;

    public static string[] OwnNames(string common) => Own.TryGetValue(common, out var names) ? names : [];

    public static bool Contains(string name) => Own.ContainsKey(name);

    /// <summary>Whether the model's own strength says how closely to follow the source image, and not how far to go from it.</summary>
    public static bool IsTurned(string own) => TurnedStrengths.Contains(own);
}
