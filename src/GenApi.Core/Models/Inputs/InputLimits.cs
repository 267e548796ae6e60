namespace GenApi.Core.Models.Inputs;

/// <summary>Limits of an input for every model, whatever its schema allows.</summary>
public static class InputLimits
{
    /// <summary>The longest <c>prompt</c> and <c>negative_prompt</c>, by their common names and in <c>input</c>. In code points.</summary>
    public const int LongestPrompt = 32_000;

    /// <summary>The size of an input without its files, in bytes of JSON: it is stored, and part of every answer.</summary>
    public const int MostBytes = 1 << 20;
}
