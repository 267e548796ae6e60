using GenApi.Core.Errors;

namespace GenApi.Hosting.Settings;

/// <summary>
/// A <c>.env</c> file: <c>KEY=VALUE</c> per line, <c>#</c> begins a comment, an <c>export</c> in front is allowed. In double quotes <c>\n</c>,
/// <c>\"</c> and <c>\\</c> are understood, in single quotes nothing is. Two underscores stand for the colon of a key, as in the environment.
/// </summary>
internal static class DotEnv
{
    private const string Export = "export ";

    /// <exception cref="SettingException">A line is not of that form; its text, which may hold a secret, is not told.</exception>
    public static Dictionary<string, string?> Read(string path)
    {
        try
        {
            return File.Exists(path) ? Parse(File.ReadAllLines(path)) : [];
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new SettingException(path, "the file can't be read by this user.", denied);
        }
    }

    public static Dictionary<string, string?> Parse(IEnumerable<string> lines)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        var number = 0;
        foreach (var raw in lines)
        {
            number++;
            var line = raw.Trim();
            if (line.Length == 0 || line[0] == '#')
                continue;
            if (line.StartsWith(Export, StringComparison.Ordinal))
                line = line[Export.Length..].TrimStart();
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? "" : line[..equals].Trim();
            if (key.Length == 0 || Value(line[(equals + 1)..].Trim()) is not { } value)
                throw new SettingException(".env", $"line {number} is not of the form KEY=VALUE.");
            values[key.Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal)] = value;
        }
        return values;
    }

    /// <returns>Null when a quote is not closed, or something that is no comment follows it.</returns>
    private static string? Value(string text)
    {
        if (text.Length == 0 || text[0] is not ('"' or '\''))
        {
            var comment = text.IndexOf(" #", StringComparison.Ordinal);
            return text.StartsWith('#') ? "" : (comment < 0 ? text : text[..comment]).TrimEnd();
        }
        var quote = text[0];
        var value = new System.Text.StringBuilder();
        for (var at = 1; at < text.Length; at++)
        {
            if (text[at] == quote)
                return text[(at + 1)..].TrimStart() is "" or ['#', ..] ? value.ToString() : null;
            if (quote == '"' && text[at] == '\\' && at + 1 < text.Length)
                value.Append(text[++at] switch { 'n' => '\n', var plain => plain });
            else
                value.Append(text[at]);
        }
        return null;
    }
}
