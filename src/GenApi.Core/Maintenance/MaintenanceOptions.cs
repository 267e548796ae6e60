using System.ComponentModel.DataAnnotations;

namespace GenApi.Core.Maintenance;

/// <summary>The section <c>Upkeep</c>.</summary>
public sealed class MaintenanceOptions
{
    public const string Section = "Upkeep";

    /// <summary>How many days a finished generation is kept after it was last made, answered from or fetched; 0: for ever.</summary>
    [Range(0, 36_500)]
    public int KeepDays { get; set; }

    /// <summary>How many bytes the stored images and uploads may have together; 0: no bound.</summary>
    [Range(0, 1L << 60)]
    public long MaxBytes { get; set; }
}
