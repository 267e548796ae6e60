using GenApi.Core.Errors;

namespace GenApi.Hosting.Requests;

/// <summary>
/// Collects all errors of a request by JSON path, or by the name of a parameter or header, so that one answer lists them all.
/// </summary>
internal sealed class MemberErrors
{
    private const int LongestShown = 64;

    private ErrorList? _errors;

    /// <summary>True if the list is full, so that a further error would only be counted.</summary>
    public bool IsFull => _errors is { IsFull: true };

    public void Add(string path, string sentence) => (_errors ??= new()).Add(path, sentence);

    /// <param name="parent">The path of the object with the member; empty for a parameter.</param>
    /// <param name="name">The unknown name.</param>
    /// <param name="allowed">The allowed names.</param>
    /// <param name="hint">Returns advice on what to write instead; null if there is none.</param>
    public void Unknown(string parent, string name, IReadOnlyCollection<string> allowed, Func<string?>? hint = null)
    {
        if (IsFull)
        {
            _errors!.AddUnlisted();
            return;
        }
        var advice = hint?.Invoke()
            ?? (NearestName.Find(name, allowed) is { } nearest ? $"Did you mean '{nearest}'?" : $"Allowed: {string.Join(", ", allowed)}.");
        Add(parent.Length == 0 ? Shorten(name) : Path(parent, name), $"'{Shorten(name)}' is not known here. {advice}");
    }

    /// <exception cref="GenApiException">InvalidRequest, if there are errors.</exception>
    public void ThrowIfAny()
    {
        if (_errors is not null)
        {
            throw _errors.ToException(
                ErrorKind.InvalidRequest, isSorted: false, (path, sentence, others) => $"{path}: {sentence}{More(others)}");
        }
    }

    /// <summary>Writes a path in the notation of RFC 9535; names that are not plain words go into brackets.</summary>
    public static string Path(string parent, string name)
    {
        var isPlain = name.Length is > 0 and <= LongestShown && !char.IsAsciiDigit(name[0])
            && name.All(each => char.IsAsciiLetterOrDigit(each) || each == '_');
        if (isPlain)
            return $"{parent}.{name}";
        var escaped = Shorten(name).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
        return $"{parent}['{escaped}']";
    }

    public static string Shorten(string text, int longest = LongestShown) => Characters.Cut(text, longest);

    private static string More(int others) => others switch { 0 => "", 1 => " (and 1 more)", _ => $" (and {others} more)" };
}
