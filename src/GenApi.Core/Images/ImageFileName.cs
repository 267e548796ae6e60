using System.Globalization;
using System.Text;

namespace GenApi.Core.Images;

/// <summary>Names the file of a saved image after the prompt and the seed, such as <c>an-astronaut-riding-a-horse-42</c>.</summary>
public static class ImageFileName
{
    public const int Longest = 120;

    private const int LongestWords = 80;

    /// <summary>
    /// Builds the name. Letters and digits of any script stay and everything else becomes a hyphen, so the name is safe on every file
    /// system. It has whole words of up to 80 characters, and is <c>image</c> if the prompt has no words.
    /// </summary>
    public static string Of(string? prompt, long? seed)
    {
        var words = new StringBuilder(LongestWords);
        var word = new StringBuilder();
        foreach (var rune in (prompt ?? "").Normalize(NormalizationForm.FormC).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || IsPartOfLetter(rune))
                word.Append(Rune.ToLowerInvariant(rune).ToString());
            else if (word.Length > 0 && !TakeWord(words, word))
                break;
        }
        TakeWord(words, word);
        if (words.Length == 0)
            words.Append("image");
        return seed is null ? words.ToString() : string.Create(CultureInfo.InvariantCulture, $"{words}-{seed}");
    }

    /// <summary>Adds the extension and cuts the name to <see cref="Longest"/>.</summary>
    internal static string With(string name, string extension)
    {
        var length = Math.Min(name.Length, Longest - extension.Length);
        return name[..(length > 0 && char.IsHighSurrogate(name[length - 1]) ? length - 1 : length)] + extension;
    }

    private static bool TakeWord(StringBuilder words, StringBuilder word)
    {
        if (word.Length == 0)
            return true;
        // A script without spaces turns a whole sentence into one word; a first word that is too long is cut rather than dropped.
        if (words.Length == 0 && word.Length > LongestWords)
            word.Length = char.IsHighSurrogate(word[LongestWords - 1]) ? LongestWords - 1 : LongestWords;
        var fits = words.Length + word.Length < LongestWords || words.Length == 0;
        if (fits)
            words.Append(words.Length == 0 ? "" : "-").Append(word);
        word.Clear();
        return fits;
    }

    private static bool IsPartOfLetter(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
