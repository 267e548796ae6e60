using System.Text.RegularExpressions;

namespace GenApi.Tests.Documentation;

/// <summary>The sentences of a file, without code and quoted names.</summary>
/// <param name="Line">The line that the passage begins on, from 1.</param>
/// <param name="Text">One paragraph, table cell, comment, XML element or string literal.</param>
/// <param name="IsSummary">Whether it is the summary of an XML comment.</param>
internal sealed partial record Prose(int Line, string Text, bool IsSummary)
{
    /// <summary>Reads the prose of a Markdown page or a C# file.</summary>
    public static IReadOnlyList<Prose> Read(string path)
    {
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        return path.EndsWith(".md", StringComparison.Ordinal) ? OfMarkdown(text) : OfCode(text);
    }

    /// <summary>Reads paragraphs, list items and table cells. Fenced blocks, inline code and the targets of links are left out.</summary>
    public static IReadOnlyList<Prose> OfMarkdown(string page)
    {
        var passages = new List<Prose>();
        var (paragraph, began, isFenced) = ("", 0, false);
        foreach (var (line, number) in page.Split('\n').Select((line, at) => (line, at + 1)))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                isFenced = !isFenced;
            var isRow = line.TrimStart().StartsWith('|');
            var begins = isRow || line.Length == 0 || isFenced || BlockStart().IsMatch(line);
            if (begins && paragraph.Length > 0)
            {
                passages.Add(new(began, Plain(paragraph), false));
                paragraph = "";
            }
            if (isFenced || line.TrimStart().StartsWith("```", StringComparison.Ordinal))
                continue;
            if (isRow)
                passages.AddRange(Plain(line).Split('|').Where(IsProse).Select(cell => new Prose(number, cell.Trim(), false)));
            else if (line.Length > 0)
            {
                began = paragraph.Length == 0 ? number : began;
                paragraph = $"{paragraph} {BlockStart().Replace(line, "").Trim()}".Trim();
            }
        }
        if (paragraph.Length > 0)
            passages.Add(new(began, Plain(paragraph), false));
        return passages;

        static string Plain(string text) => LinkTarget().Replace(InlineCode().Replace(text, "…"), "]");
    }

    /// <summary>
    /// Reads comments and string literals. Neighbouring lines of a comment are one passage; a string without a space is a name.
    /// </summary>
    public static IReadOnlyList<Prose> OfCode(string code)
    {
        var passages = new List<Prose>();
        var (comment, began, ended) = ("", 0, 0);
        foreach (Match token in Token().Matches(code))
        {
            var isComment = token.Value.StartsWith("//", StringComparison.Ordinal);
            if (comment.Length > 0 && (!isComment || code[ended..token.Index].Trim().Length > 0))
                Flush();
            if (!isComment)
            {
                var text = Hole().Replace(token.Value.Trim('$', '@', '"', '\''), "…");
                if (IsProse(text))
                    passages.Add(new(LineOf(token.Index), text.Replace('\n', ' '), false));
                continue;
            }
            began = comment.Length == 0 ? token.Index : began;
            comment = $"{comment} {token.Value.TrimStart('/').Trim()}";
            ended = token.Index + token.Length;
        }
        if (comment.Length > 0)
            Flush();
        return passages;

        void Flush()
        {
            var plain = Quoted().Replace(comment, "…");
            foreach (Match element in Element().Matches(plain))
            {
                var text = Tag().Replace(element.Groups["text"].Value, " ").Trim();
                if (IsProse(text))
                    passages.Add(new(LineOf(began), text, element.Groups["name"].Value == "summary"));
            }
            comment = "";
        }

        int LineOf(int index) => code.AsSpan(0, index).Count('\n') + 1;
    }

    private static bool IsProse(string text) => text.Trim().Contains(' ', StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*(?:[*+-]|\d+\.|#+|>)\s+")]
    private static partial Regex BlockStart();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\([^)]*\)")]
    private static partial Regex LinkTarget();

    // Raw, verbatim and plain strings, characters, comments.
    [GeneratedRegex("""
        \$*("{3,})[\s\S]*?\1|(?:\$@|@\$|@)"(?:[^"]|"")*"|\$?"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'|//[^\n]*
        """)]
    private static partial Regex Token();

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"<(?:c|code)>.*?</(?:c|code)>|<(?:see|seealso|paramref|typeparamref|inheritdoc)\b[^>]*/>|`[^`]*`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"<(?<name>summary|param|returns|exception|remarks|typeparam)\b[^>]*>(?<text>.*?)</\k<name>>|(?<text>[^<]+)")]
    private static partial Regex Element();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tag();
}
