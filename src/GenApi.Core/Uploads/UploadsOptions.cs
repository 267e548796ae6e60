using System.ComponentModel.DataAnnotations;

namespace GenApi.Core.Uploads;

/// <summary>The section <c>Uploads</c>.</summary>
public sealed class UploadsOptions
{
    public const string Section = "Uploads";

    /// <summary>
    /// The limit for one upload: 20 MiB. Replicate accepts files below 100 MB, but a model gains nothing from an image that large.
    /// </summary>
    public const int MostBytes = 20 << 20;

    /// <summary>
    /// The limit for a file on the Replicate door, in bytes: what Replicate accepts there. Such a file may be something else than an image.
    /// </summary>
    public const int MostFileBytes = (100 << 20) - 1;

    /// <summary>Hours that an upload is kept after its last use.</summary>
    [Range(1, 87_600)]
    public int KeepHours { get; set; } = 7 * 24;
}
