using System.ComponentModel.DataAnnotations;

namespace GenApi.Core.Maintenance;

/// <summary>The section <c>Upkeep</c>.</summary>
public sealed class MaintenanceOptions
{
    public const string Section = "Upkeep";

    /// <summary>How many days a finished generation stays after it was made, answered from or fetched last; 0: for ever.</summary>
    [Range(0, 36_500)]
    public int KeepDays { get; set; }

    /// <summary>The most bytes of all stored images and uploads together; 0: no limit.</summary>
    [Range(0, 1L << 60)]
    public long MaxBytes { get; set; }
}
