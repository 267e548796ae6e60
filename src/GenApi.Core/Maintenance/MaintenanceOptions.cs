using System.ComponentModel.DataAnnotations;

namespace GenApi.Core.Maintenance;

/// <summary>The section <c>Upkeep</c>.</summary>
public sealed class MaintenanceOptions
{
    public const string Section = "Upkeep";

    /// <summary>
    /// Days that a finished generation is kept after it was last made, used as an answer or fetched, and a variant of an image after it was
    /// last fetched. 0: for ever.
    /// </summary>
    [Range(0, 36_500)]
    public int KeepDays { get; set; }

    /// <summary>
    /// Bytes that the stored images, their variants and uploads may take together. Above this, the ones unused for longest go, variants
    /// first. 0: no bound.
    /// </summary>
    [Range(0, 1L << 60)]
    public long MaxBytes { get; set; }
}
