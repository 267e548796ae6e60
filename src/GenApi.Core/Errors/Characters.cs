namespace GenApi.Core.Errors;

/// <summary>Counts and cuts text in Unicode code points, as JSON Schema does: a fox emoji is one character.</summary>
public static class Characters
{
    /// <summary>Counts the code points; half a surrogate pair counts as one.</summary>
    public static int Count(ReadOnlySpan<char> text)
    {
        var count = text.Length;
        for (var at = 1; at < text.Length; at++)
        {
            if (!char.IsLowSurrogate(text[at]) || !char.IsHighSurrogate(text[at - 1]))
                continue;
            count--;
            at++;
        }
        return count;
    }

    /// <summary>
    /// Returns whether the text has at most <paramref name="most"/> code points, without counting a text of megabytes to find out.
    /// </summary>
    public static bool AreAtMost(ReadOnlySpan<char> text, int most) =>
        text.Length <= most || (text.Length <= 2L * most && Count(text) <= most);

    /// <summary>
    /// Cuts a longer text after <paramref name="most"/> UTF-16 units and adds an ellipsis. It never splits a surrogate pair.
    /// </summary>
    public static string Cut(string text, int most)
    {
        if (text.Length <= most)
            return text;
        var end = char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return string.Concat(text.AsSpan(0, end), "…");
    }
}
