using System.ComponentModel.DataAnnotations;

namespace GenApi.Core.Uploads;

/// <summary>The section <c>Uploads</c>.</summary>
public sealed class UploadsOptions
{
    public const string Section = "Uploads";

    /// <summary>For one upload: 20 MiB. Replicate takes files below 100 MB; what a model makes of a picture that large is no better.</summary>
    public const int MostBytes = 20 << 20;

    /// <summary>Hours that an upload is kept after its last use.</summary>
    [Range(1, 87_600)]
    public int KeepHours { get; set; } = 7 * 24;
}
