namespace GenApi.Core.Models.Settings;

/// <summary>The colour of the part of a mask that is painted anew.</summary>
public enum MaskColour
{
    /// <summary>What the common name <c>mask</c> means.</summary>
    White,

    /// <summary>What some models mean by their own input <c>mask</c>.</summary>
    Black,
}
