using System.ComponentModel.DataAnnotations;

namespace GenApi.Doors;

/// <summary>Section <c>Doors</c>: what all doors share.</summary>
public sealed class DoorsOptions
{
    public const string Section = "Doors";

    internal const string Lasting = "lasting", Signed = "signed";

    internal static readonly string[] AllLinks = [Lasting, Signed];

    /// <summary>
    /// The number of minutes for which a repeated request gets the first generation after the connection of its first caller broke. 0: only
    /// while the first one runs.
    /// </summary>
    [Range(0, 1_440)]
    public int RepeatMinutes { get; set; } = 15;

    /// <summary>
    /// The links to images in the answers of doors. <c>lasting</c>: valid until the image is deleted or the secret is rotated.
    /// <c>signed</c>: valid for Images:LinkMinutes.
    /// </summary>
    /// <value><c>lasting</c>, <c>signed</c></value>
    public string Links { get; set; } = Lasting;
}
