using System.ComponentModel.DataAnnotations;

namespace GenApi.Core.Generations.Bin;

/// <summary>The settings of the bin, in the section <c>Images</c>.</summary>
public sealed class BinOptions
{
    public const string Section = "Images";

    /// <summary>
    /// The number of minutes for which an image that <c>POST /images/delete</c> removed can be restored. Until then it counts towards the
    /// size of the store. 0: it is deleted at once.
    /// </summary>
    [Range(0, 525_600)]
    public int UndoMinutes { get; set; } = 60;
}
