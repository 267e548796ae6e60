using System.ComponentModel.DataAnnotations;

namespace GenApi.Core.Images.Conversion;

/// <summary>Limits of the conversion of images; part of the section <c>Images</c>.</summary>
public sealed class ConversionOptions
{
    public const string Section = "Images";

    /// <summary>The most pixels that an image may have to be converted; those of all frames of an animation count.</summary>
    [Range(1, 1_000_000_000)]
    public long MaxPixels { get; set; } = 100_000_000;

    /// <summary>The memory, in MiB, that all conversions together may use. An image that needs more alone is not converted.</summary>
    [Range(16, 65_536)]
    public int MaxMemoryMb { get; set; } = 128;

    /// <summary>The most seconds that one conversion may take.</summary>
    [Range(1, 600)]
    public int ConversionSeconds { get; set; } = 20;

    /// <summary>The number of images that are converted at once; 0: one per processor core.</summary>
    [Range(0, 64)]
    public int Workers { get; set; }
}
