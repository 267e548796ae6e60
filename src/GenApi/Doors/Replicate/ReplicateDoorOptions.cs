using System.ComponentModel.DataAnnotations;

namespace GenApi.Doors.Replicate;

/// <summary>Section <c>Doors:Replicate</c>: the door for Replicate's clients.</summary>
public sealed class ReplicateDoorOptions
{
    public const string Section = $"{DoorsOptions.Section}:Replicate";

    /// <summary>
    /// Replicate's clients make file objects only from https: and data: addresses. Over plain http, the outputs of a prediction are sent
    /// as data URIs to a client of version 1 or later if they have at most this many bytes together. 0: links only.
    /// </summary>
    [Range(0, 104_857_600)]
    public long InlineBytes { get; set; } = 10_485_760;
}
