using System.Collections.Frozen;

namespace GenApi.Core.Models.Schemas;

/// <summary>The names with one meaning for every model, and what models call them. The first one that a model has is used.</summary>
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

    /// <summary>The names that other services and tools use, but no model known here.</summary>
    private static readonly FrozenDictionary<string, string[]> Foreign = new Dictionary<string, string[]>
    {
        [Prompt] = ["text", "text_prompt", "positive_prompt"],
        [NegativePrompt] = ["negative", "negative_prompts"],
        [AspectRatio] = ["aspect", "ratio"],
        [Seed] = ["random_seed", "noise_seed"],
        [NumOutputs] = ["n", "samples", "num_samples", "batch_size", "image_count"],
        [Steps] = ["num_steps", "sampling_steps", "inference_steps"],
        [Image] = ["image_url", "source_image", "reference_image", "start_image"],
        [Mask] = ["mask_image", "mask_url"],
        [Strength] = ["image_strength", "denoising_strength", "denoise"],
        [OutputFormat] = ["format", "image_format", "output_type"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> Meanings = Own.Keys.Select(common => (Name: common, Common: common))
        .Concat(Own.SelectMany(pair => pair.Value.Select(name => (Name: name, Common: pair.Key))))
        .Concat(Foreign.SelectMany(pair => pair.Value.Select(name => (Name: name, Common: pair.Key))))
        .DistinctBy(pair => pair.Name).ToFrozenDictionary(pair => pair.Name, pair => pair.Common, StringComparer.Ordinal);

    /// <summary>The parts of names that show that a model's own input is related to a common name.</summary>
    private static readonly FrozenDictionary<string, string[]> Kin = new Dictionary<string, string[]>
    {
        [Prompt] = ["prompt", "text"],
        [NegativePrompt] = ["negative"],
        [Width] = ["width", "size", "ratio", "resolution", "megapixels", "dimension"],
        [Height] = ["height", "size", "ratio", "resolution", "megapixels", "dimension"],
        [AspectRatio] = ["ratio", "size", "resolution", "width", "height"],
        [Seed] = ["seed"],
        [NumOutputs] = ["images", "outputs", "samples", "batch"],
        [Steps] = ["step"],
        [Guidance] = ["guidance", "cfg"],
        [Image] = ["image", "img", "picture", "photo", "frame"],
        [Mask] = ["mask"],
        [Strength] = ["strength", "weight", "denois", "influence"],
        [OutputFormat] = ["format"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Inputs with the opposite direction: 1 keeps the source image, where <c>prompt_strength</c> 1 ignores it.</summary>
    private static readonly FrozenSet<string> InvertedStrengths = FrozenSet.Create("image_prompt_strength", "image_reference_weight");

    public static IEnumerable<string> All => Own.Keys;

    public static string[] OwnNames(string common) => Own.TryGetValue(common, out var names) ? names : [];

    public static bool Contains(string name) => Own.ContainsKey(name);

    /// <summary>Every name that <see cref="MeantBy"/> knows.</summary>
    public static IEnumerable<string> Known => Meanings.Keys;

    /// <summary>
    /// Returns the common name that a name stands for: itself, a model's own name, or another service's name; null for any other.
    /// </summary>
    public static string? MeantBy(string name) => Meanings.GetValueOrDefault(name);

    /// <summary>Returns whether a model's own input is related to the common name, as far as its name shows.</summary>
    public static bool IsKin(string common, InputProperty own) =>
        Kin[common].Any(part => own.Name.Contains(part, StringComparison.OrdinalIgnoreCase))
        && (common is Image or Mask) == own.Rule.TakesFiles
        && (common != NumOutputs || own.Rule.Types.HasFlag(InputTypes.Integer));

    /// <summary>
    /// Returns whether the model's own strength says how closely to follow the source image, not how far to depart from it.
    /// </summary>
    public static bool IsInverted(string own) => InvertedStrengths.Contains(own);
}
