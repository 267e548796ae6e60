namespace GenApi.Core.Models.Schemas;

/// <summary>A model that is known to exist, ready to run.</summary>
/// <param name="Owner">In lower case.</param>
/// <param name="Name">In lower case.</param>
/// <param name="Version">64 hexadecimal digits; null for an official model, which is run by its name alone.</param>
/// <param name="Input">What it accepts.</param>
/// <param name="Alias">The short name by which it was requested, as configured; null if it was named in full.</param>
public sealed record ResolvedModel(string Owner, string Name, string? Version, InputSchema Input, string? Alias)
{
    /// <summary><c>owner/name</c>.</summary>
    public string Reference { get; } = $"{Owner}/{Name}";

    /// <summary>False if its schema or its example shows that it makes something other than images.</summary>
    public bool MayMakeImages { get; init; } = true;

    /// <summary>True if the output is described as a file or a list of files.</summary>
    public bool MakesFiles { get; init; }
}
