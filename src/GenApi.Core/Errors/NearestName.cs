namespace GenApi.Core.Errors;

/// <summary>Finds the name that a typo most likely stands for.</summary>
public static class NearestName
{
    private const int LongestName = 64;

    /// <summary>Finds the closest of <paramref name="allowed"/>; null when more than a third of its letters differ.</summary>
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

    // negativePrompt, negative-prompt and negative_prompt are one name.
    private static string Plain(string name) =>
        name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Counts the letters to add, remove, replace or swap with their neighbour.</summary>
    private static int Distance(string one, string other)
    {
        var cost = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            for (var j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    cost[i, j] = i + j;
                    continue;
                }
                var replaced = cost[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                cost[i, j] = Math.Min(replaced, Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }
        return cost[one.Length, other.Length];
    }
}
