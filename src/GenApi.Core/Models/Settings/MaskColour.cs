namespace GenApi.Core.Models.Settings;

/// <summary>The colour of the part of a mask that is repainted.</summary>
public enum MaskColour
{
    /// <summary>The meaning of the common name <c>mask</c>.</summary>
    White,

    /// <summary>The meaning of some models' own input <c>mask</c>.</summary>
    Black,
}
