using System.Text;

namespace GenApi.Tests.Page.Files;

/// <summary>Reads the markup of a module: its <c>html`…`</c> templates, and its text without comments.</summary>
internal static class Templates
{
    /// <summary>Stands in a template for an expression.</summary>
    public const char Hole = '\u0001';

    /// <param name="source">A module.</param>
    /// <returns>The templates, each without its expressions, with the templates inside them as entries of their own.</returns>
    public static IReadOnlyList<string> Of(string source)
    {
        var found = new List<string>();
        var at = 0;
        ReadCode(source, ref at, '\0', found);
        return found;
    }

    /// <returns>The texts between tags, and the values of attributes that people read or hear, if they stand in the template.</returns>
    public static IEnumerable<string> Texts(string template)
    {
        string[] spoken = ["aria-label", "title", "placeholder", "alt", "label", "text", "aria-description", "help"];
        // A lower-case word alone is a key or a name of our own parts.
        static bool IsProse(string value) => value.Any(each => char.IsUpper(each) || char.IsWhiteSpace(each));
        var text = new StringBuilder();
        for (var at = 0; at < template.Length; at++)
        {
            if (template[at] != '<')
            {
                text.Append(template[at]);
                continue;
            }
            yield return text.ToString();
            text.Clear();
            var end = TagEnd(template, at);
            var tag = template[at..end];
            foreach (var name in spoken)
            {
                var start = tag.IndexOf($" {name}=\"", StringComparison.Ordinal);
                var value = start < 0 ? "" : tag[(start + name.Length + 3)..].Split('"')[0];
                if (IsProse(value))
                    yield return value;
            }
            at = end;
        }
        yield return text.ToString();
    }

    private static int TagEnd(string template, int at)
    {
        var quote = '\0';
        for (; at < template.Length; at++)
        {
            var each = template[at];
            if (quote != '\0')
                quote = each == quote ? '\0' : quote;
            else if (each is '"' or '\'')
                quote = each;
            else if (each == '>')
                return at;
        }
        return template.Length;
    }

    /// <summary>Reads code up to the closing bracket that belongs to it.</summary>
    private static void ReadCode(string source, ref int at, char close, List<string> found)
    {
        var depth = 0;
        // The last character that is no space decides whether a slash divides or begins a regular expression.
        var last = ';';
        while (at < source.Length)
        {
            var each = source[at];
            if (each == close && depth == 0)
            {
                at++;
                return;
            }
            depth += each switch { '{' => 1, '}' => -1, _ => 0 };
            if (each == '/' && at + 1 < source.Length && source[at + 1] is '/' or '*')
                SkipComment(source, ref at);
            else if (each == '/' && !char.IsLetterOrDigit(last) && last is not (')' or ']' or '}' or '`' or '\'' or '"' or '_' or '$'))
                SkipRegex(source, ref at);
            else if (each is '"' or '\'')
                SkipString(source, ref at, each);
            else if (each == '`')
                ReadTemplate(source, ref at, source[..at].EndsWith("html", StringComparison.Ordinal), found);
            else
                at++;
            if (!char.IsWhiteSpace(each))
                last = each;
        }
    }

    private static void ReadTemplate(string source, ref int at, bool isMarkup, List<string> found)
    {
        var text = new StringBuilder();
        for (at++; at < source.Length && source[at] != '`';)
        {
            if (source[at] == '$' && at + 1 < source.Length && source[at + 1] == '{')
            {
                at += 2;
                ReadCode(source, ref at, '}', found);
                text.Append(Hole);
            }
            else
            {
                if (source[at] == '\\')
                    at++;
                text.Append(source[at++]);
            }
        }
        at++;
        if (isMarkup)
            found.Add(text.ToString());
    }

    private static void SkipString(string source, ref int at, char quote)
    {
        for (at++; at < source.Length && source[at] != quote; at++)
            at += source[at] == '\\' ? 1 : 0;
        at++;
    }

    private static void SkipRegex(string source, ref int at)
    {
        var isSet = false;
        for (at++; at < source.Length && (isSet || source[at] != '/'); at++)
        {
            isSet = source[at] switch { '[' => true, ']' => false, _ => isSet };
            at += source[at] == '\\' ? 1 : 0;
        }
        at++;
    }

    private static void SkipComment(string source, ref int at)
    {
        var (end, length) = source[at + 1] == '/' ? ("\n", 1) : ("*/", 2);
        var found = source.IndexOf(end, at + 2, StringComparison.Ordinal);
        at = found < 0 ? source.Length : found + length;
    }
}
