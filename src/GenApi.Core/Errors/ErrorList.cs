namespace GenApi.Core.Errors;

/// <summary>
/// Collects the problems of a request, by JSON path. It lists at most <see cref="MostListed"/> problems and some 40,000 bytes, and counts
/// the rest. So an answer stays below 64 kB, whatever was sent.
/// </summary>
public sealed class ErrorList
{
    public const int MostListed = 50;

    private const int MostBytes = 40_000, LongestPath = 300, LongestSentence = 1_200;

    private readonly OrderedDictionary<string, List<string>> _listed = new(StringComparer.Ordinal);
    private int _bytes, _count, _listedCount;

    /// <summary>True if the list is full: no further sentence need be formatted.</summary>
    public bool IsFull => _listedCount >= MostListed || _bytes >= MostBytes;

    /// <summary>The number of problems, listed or not.</summary>
    public int Count => _count;

    /// <summary>Adds a problem, or only counts it once the list is full. An overlong path or sentence is cut.</summary>
    public void Add(string path, string sentence)
    {
        _count++;
        if (IsFull)
            return;
        path = Characters.Cut(path, LongestPath);
        sentence = Characters.Cut(sentence, LongestSentence);
        var size = SizeOf(path) + SizeOf(sentence);
        if (_bytes + size > MostBytes && _listedCount > 0)
        {
            // The list ends here, even if a shorter problem would still fit.
            _bytes = MostBytes;
            return;
        }
        _bytes += size;
        _listedCount++;
        if (_listed.TryGetValue(path, out var sentences))
            sentences.Add(sentence);
        else
            _listed[path] = [sentence];
    }

    /// <summary>Counts a problem that <see cref="IsFull"/> keeps out of the list.</summary>
    public void AddUnlisted() => _count++;

    /// <summary>
    /// Makes one exception of all problems. Its detail is the first problem and the number of others. There must be at least one.
    /// </summary>
    /// <param name="kind">The kind of the exception.</param>
    /// <param name="isSorted">Whether to sort the paths; otherwise they keep the order in which they were added.</param>
    /// <param name="detail">Formats the first path, its first sentence and the number of others.</param>
    public GenApiException ToException(ErrorKind kind, bool isSorted, Func<string, string, int, string> detail)
    {
        var errors = new Dictionary<string, string[]>();
        IEnumerable<string> paths = _listed.Keys;
        foreach (var path in isSorted ? paths.Order(StringComparer.Ordinal) : paths)
            errors[path] = [.. _listed[path]];
        var (firstPath, first) = errors.First();
        if (_count > _listedCount)
        {
            var more = $"{_count - _listedCount} more problems are not listed; correct these first.";
            errors["$"] = [.. errors.GetValueOrDefault("$", []), more];
        }
        return new GenApiException(kind, detail(firstPath, first[0], _count - 1)) { Errors = errors };
    }

    /// <summary>The most bytes that the text takes as JSON: a character outside plain ASCII may become an escape of six.</summary>
    private static int SizeOf(string text)
    {
        var size = 0;
        foreach (var letter in text)
            size += letter is >= ' ' and < '\x7f' and not ('"' or '\'' or '\\' or '<' or '>' or '&' or '+' or '`') ? 1 : 6;
        return size;
    }
}
