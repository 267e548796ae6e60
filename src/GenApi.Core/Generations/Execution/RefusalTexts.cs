using System.Text.RegularExpressions;

namespace GenApi.Core.Generations.Execution;

/// <summary>
/// Decides by an error text whether a model refused the request, or broke inside its own filter. A refusal says what was found or what rule
/// was broken. The mere name of a filter also stands in errors about its weights, its arguments and its service.
/// </summary>
internal static partial class RefusalTexts
{
    private const RegexOptions Options = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    public static bool IsRefusal(string text) => Surely().IsMatch(text) || (Judgement().IsMatch(text) && !Fault().IsMatch(text));

    /// <summary>
    /// Matches the sentences of the open models' checkers ("NSFW content detected", "contained NSFW content") and of the vendors ("flagged
    /// as sensitive" with the code E005), and the codes of vendors.
    /// </summary>
    [GeneratedRegex(
        @"\(E005\)"
        + @"|\bflagged (?:as|for) (?:being )?(?:potentially )?(?:sensitive|unsafe|nsfw|inappropriate|explicit|harmful|prohibited)\b"
        + @"|\bNSFW (?:content|images?|concepts?|words?|material) (?:(?:was|were|has been|have been) )?(?:detected|found)\b"
        + @"|\b(?:contain(?:s|ed)?|detected|found) NSFW (?:content|images?|concepts?|words?|material)\b"
        + @"|\b(?:content_policy_violation|moderation_blocked)\b"
        + @"|^(?:request|content|prompt|input|output|image) moderated\W*$",
        Options)]
    private static partial Regex Surely();

    /// <summary>Matches a rule or a filter together with what it did to the request, in either order.</summary>
    [GeneratedRegex(
        @"\b(?:violat(?:e[sd]?|ing|ion of)|breach(?:es|ed)?|goes against|against|not allowed (?:by|under)"
        + @"|(?:rejected|blocked|refused|denied|flagged|stopped|filtered)(?: out)?"
        + @" (?:by|as a result of|due to|because of|under)|did not pass|does not pass)\b[^.]{0,40}?"
        + @"\b(?:(?:content|usage|acceptable use|safety|moderation|community)[ _-]?"
        + @"(?:polic(?:y|ies)|filters?|systems?|checkers?|checks?|guidelines|rules)|moderation|(?:safety|nsfw) filters?)\b"
        + @"|\b(?:content|safety|nsfw|moderation)[ _-]?(?:polic(?:y|ies)|filters?|systems?|checkers?|checks?|guidelines)"
        + @" (?:was |were |has been )?(?:violated|violation|triggered|tripped|flagged|blocked"
        + @"|rejected|refused)\b"
        + @"|\b(?:request|content|prompt|input|output|image)s? (?:(?:was|were|is|has been|have been) )?"
        + @"(?:moderated|rejected by moderation)\b"
        + @"|\b(?:unsafe|prohibited|inappropriate|sensitive|explicit|disallowed) (?:content|material|imagery|words?)"
        + @" (?:(?:was|were|has been) )?(?:detected|found)\b"
        + @"|\bcontain(?:s|ed)? (?:unsafe|prohibited|inappropriate|sensitive|explicit|disallowed) (?:content|material|imagery|words?)\b",
        Options)]
    private static partial Regex Judgement();

    /// <summary>Matches what programs say when they break.</summary>
    [GeneratedRegex(
        @"\b(?:unexpected|missing) (?:\w+ )*(?:keyword|argument)|\bno (?:module named|attribute)\b|\bhas no attribute\b|\bnot defined\b"
        + @"|\b(?:un|re|down)?load(?:s|ed|ing)?\b|\bweights?\b"
        + @"|\binitiali[sz]|\bno such file\b|\btime[ds]?[ -]?out\b|\bunavailable\b|\bunreachable\b|\bconnect(?:ion|ing)?\b"
        + @"|\b(?:status|code|http) ?5\d\d\b|\bout of memory\b|\bCUDA\b|\b\w+Error\b"
        + @"|\bcould not be (?:reached|found|imported|read)\b|\bnot found\b|\bcrash",
        Options)]
    private static partial Regex Fault();
}
