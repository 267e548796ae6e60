using GenApi.Core.Errors;

namespace GenApi.Hosting.Settings;

/// <summary>
/// Reads a <c>.env</c> file: <c>KEY=VALUE</c> lines, with an optional <c>export</c> in front, and comments after <c>#</c>. Double quotes
/// allow <c>\n</c>, <c>\"</c> and <c>\\</c>; single quotes allow no escapes. Two underscores stand for the colon of a key, as in the
/// environment.
/// </summary>
internal static class DotEnv
{
    private const string Export = "export ";

    /// <exception cref="SettingException">
    /// A line has another form. The message has its number, but not its text, which may hold a secret.
    /// </exception>
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

    /// <returns>The value; null if a quote is not closed, or if anything but a comment follows it.</returns>
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
