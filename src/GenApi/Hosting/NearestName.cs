namespace GenApi.Hosting;

/// <summary>What somebody who made a typo most likely meant.</summary>
internal static class NearestName
{
    private const int LongestName = 64;

    /// <summary>The closest of <paramref name="allowed"/>, or null when none is close (more than a third of its letters differ).</summary>
    public static string? Find(string name, IEnumerable<string> allowed)
    {
        if (name.Length > LongestName)
            return null;
        var best = allowed
            .Select(candidate => (candidate, Distance: Distance(Plain(name), Plain(candidate))))
            .Where(each => each.Distance <= Math.Max(1, each.candidate.Length / 3))
            .OrderBy(each => each.Distance)
            .FirstOrDefault();
        return best.candidate;
    }

    // negativePrompt, negative-prompt and negative_prompt are one name to whoever writes it.
    private static string Plain(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Levenshtein's, in two rows.</summary>
    private static int Distance(string one, string other)
    {
        var before = Enumerable.Range(0, other.Length + 1).ToArray();
        var now = new int[other.Length + 1];
        for (var i = 1; i <= one.Length; i++)
        {
            now[0] = i;
            for (var j = 1; j <= other.Length; j++)
                now[j] = Math.Min(Math.Min(now[j - 1], before[j]) + 1, before[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
            (before, now) = (now, before);
        }
        return before[other.Length];
    }
}
