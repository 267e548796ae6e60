using System.Globalization;
using System.Text;

namespace GenApi.Core.Images;

/// <summary>What an image is called when it is saved: words of the prompt and the seed, <c>an-astronaut-riding-a-horse-42</c>.</summary>
public static class ImageFileName
{
    public const int Longest = 120;

    private const int LongestWords = 80;

    /// <summary>
    /// Letters and digits of any script stay, everything else is a hyphen, so the name is safe on every file system. Whole words up to 80
    /// characters; <c>image</c> where the prompt has none.
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

    /// <summary>With an extension, cut to <see cref="Longest"/>.</summary>
    internal static string With(string name, string extension)
    {
        var length = Math.Min(name.Length, Longest - extension.Length);
        return name[..(length > 0 && char.IsHighSurrogate(name[length - 1]) ? length - 1 : length)] + extension;
    }

    private static bool TakeWord(StringBuilder words, StringBuilder word)
    {
        if (word.Length == 0)
            return true;
        // A script without spaces makes one word of a whole sentence: the first word is cut rather than left out.
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
