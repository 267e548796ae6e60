using System.Globalization;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Images;

namespace GenApi.Core.Generations.Gallery;

/// <summary>
/// The one form of a tag. Tags that look alike are equal: spaces around them, case and Unicode composition do not matter.
/// </summary>
internal static class TagText
{
    private static readonly string Allowed = $"1 to {ImageTag.Longest} characters, without control characters";

    /// <summary>Normalises a tag: trimmed, NFC, lower case.</summary>
    /// <param name="text">As the caller wrote it.</param>
    /// <param name="fault">A sentence about a text that is no tag; null: it is one.</param>
    public static string Normalize(string text, out string? fault)
    {
        fault = null;
        // A text that is not well-formed can't be normalised, and no caller sends one on purpose.
        if (text.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar || IsControl(rune)))
        {
            fault = $"'tag' must have {Allowed}. Remove what is not text.";
            return "";
        }
        var tag = ComposedText.Of(text.Trim().ToLowerInvariant());
        if (tag.Length == 0)
            fault = $"'tag' must have {Allowed}; it is blank.";
        else if (!Characters.AreAtMost(tag, ImageTag.Longest))
            fault = $"'tag' must have {Allowed}; it has {Characters.Count(tag)} characters.";
        return tag;
    }

    private static bool IsControl(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
