using System.Globalization;
using System.Text;

namespace GenApi.Core.Persistence.Search;

/// <summary>
/// Splits prompts and searches into the terms of the search index, both by the same rules. A word is a run of letters and digits. Scripts
/// without spaces, Korean, whose words take endings, and emoji have no such words. There each sign with the next one is a term, and so is
/// the last sign alone. So a search finds any part of the text.
/// </summary>
internal static class SearchTerms
{
    /// <summary>The mark before each term, where the index puts the account's number. No term contains it.</summary>
    public const char Mark = '_';

    /// <summary>The longest term, in letters; a search has no longer ones. A longer word is found by its beginning.</summary>
    private const int LongestTerm = 200;

    /// <summary>The first and last sign of the scripts whose text is found by any part of it.</summary>
    private static readonly (int First, int Last)[] Unspaced =
    [
        (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x1950, 0x19DF), (0x1A20, 0x1AAF),
        (0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3031, 0x318F), (0x31A0, 0x31BF), (0x31F0, 0x31FF),
        (0x3400, 0x4DBF), (0x4E00, 0xA4CF), (0xA960, 0xA97F), (0xA9E0, 0xA9FF), (0xAA60, 0xAADF), (0xAC00, 0xD7FF),
        (0xF900, 0xFAFF), (0xFF66, 0xFFDC),
        (0x17000, 0x18DFF), (0x1AFF0, 0x1B16F), (0x20000, 0x3FFFF),
    ];

    private enum Kind
    {
        Separator,
        Ignored,
        Accent,
        Letter,
        Sign,
    }

    /// <summary>Splits a prompt.</summary>
    /// <returns>A blank, <see cref="Mark"/> and the term, for each term in the order of the text; empty where there is none.</returns>
    public static string Of(string text)
    {
        var terms = new StringBuilder(text.Length * 2);
        Write(text, terms, isSearch: false);
        return terms.ToString();
    }

    /// <summary>Splits a search into phrases, one for each word. Equal ones come once.</summary>
    /// <returns>Empty where the search has no term.</returns>
    public static IReadOnlyList<SearchPhrase> Phrases(string words)
    {
        var phrases = new List<SearchPhrase>();
        var terms = new StringBuilder();
        foreach (var word in words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            terms.Clear();
            var mayGoOn = Write(word, terms, isSearch: true);
            if (terms.Length > 0)
                phrases.Add(new(terms.ToString(), mayGoOn));
        }
        return [.. phrases.Distinct()];
    }

    /// <returns>Whether the last term may be the beginning of a longer one.</returns>
    private static bool Write(string text, StringBuilder terms, bool isSearch)
    {
        var (run, inRun, isOver, mayGoOn) = (new List<int>(), Kind.Separator, false, false);
        foreach (var rune in text.EnumerateRunes())
        {
            var kind = KindOf(rune);
            if (kind == Kind.Separator)
                isOver = true;
            else if (kind == Kind.Accent && !isOver && inRun == Kind.Letter)
                LetterFolding.Accent(run, rune);
            if (kind is not (Kind.Letter or Kind.Sign))
                continue;
            if (isOver || kind != inRun)
                End(isLast: false);
            (inRun, isOver) = (kind, false);
            LetterFolding.Append(run, rune);
        }
        End(isLast: true);
        return mayGoOn;

        void End(bool isLast)
        {
            if (run.Count == 0)
                return;
            if (inRun == Kind.Letter)
                Add(terms, run, 0, Math.Min(run.Count, LongestTerm));
            // Where a search ends with two signs or more, the text may continue in any way.
            var ends = inRun == Kind.Letter ? 0 : isSearch && isLast && run.Count > 1 ? run.Count - 1 : run.Count;
            for (var at = 0; at < ends; at++)
                Add(terms, run, at, Math.Min(2, run.Count - at));
            mayGoOn = inRun == Kind.Letter || run.Count == 1;
            run.Clear();
        }
    }

    private static void Add(StringBuilder terms, List<int> run, int start, int count)
    {
        terms.Append(' ').Append(Mark);
        for (var at = start; at < start + count; at++)
        {
            if (run[at] <= char.MaxValue)
                terms.Append((char)run[at]);
            else
                terms.Append(char.ConvertFromUtf32(run[at]));
        }
    }

    private static Kind KindOf(Rune rune)
    {
        if (rune.IsAscii)
            return char.IsAsciiLetterOrDigit((char)rune.Value) ? Kind.Letter : Kind.Separator;
        var category = Rune.GetUnicodeCategory(rune);
        // Invisible marks are parts of words and signs; only U+200B ends a word.
        if (category is UnicodeCategory.Format or UnicodeCategory.EnclosingMark
            || rune.Value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF))
            return rune.Value == 0x200B ? Kind.Separator : Kind.Ignored;
        if (rune.Value is (>= 0x0300 and <= 0x036F) or (>= 0x1AB0 and <= 0x1AFF) or (>= 0x1DC0 and <= 0x1DFF)
            or (>= 0x20D0 and <= 0x20FF) or (>= 0xFE20 and <= 0xFE2F))
            return Kind.Accent;
        if (category is <= UnicodeCategory.OtherNumber or UnicodeCategory.PrivateUse)
            return IsUnspaced(rune.Value) ? Kind.Sign : Kind.Letter;
        // Emoji and skin tones; U+FFFC and U+FFFD stand for something that is not text.
        var isEmoji = category == UnicodeCategory.OtherSymbol && rune.Value is >= 0x2190 and not 0xFFFC and not 0xFFFD;
        return isEmoji || rune.Value is >= 0x1F3FB and <= 0x1F3FF ? Kind.Sign : Kind.Separator;
    }

    private static bool IsUnspaced(int sign)
    {
        if (sign < Unspaced[0].First)
            return false;
        foreach (var (first, last) in Unspaced)
        {
            if (sign <= last)
                return sign >= first;
        }
        return false;
    }
}
