namespace GenApi.Core.Models.Inputs;

/// <summary>Bounds of an input that hold for every model, whatever its schema allows.</summary>
public static class InputLimits
{
    /// <summary>Of <c>prompt</c> and <c>negative_prompt</c>, by their common names and in <c>input</c>. In code points.</summary>
    public const int LongestPrompt = 32_000;

    /// <summary>Of everything in an input but its files, in bytes of JSON: it is stored, and comes back in every answer.</summary>
    public const int MostBytes = 1 << 20;
}
