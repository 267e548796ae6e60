using GenApi.Core.Errors;

namespace GenApi.Hosting;

/// <summary>
/// Collects everything that is wrong with a request, by JSON path or by the name of a parameter or header, so that one answer lists it
/// all.
/// </summary>
internal sealed class MemberErrors
{
    private const int LongestShown = 64;

    private ErrorList? _errors;

    /// <summary>Whether a further problem would only be counted.</summary>
    public bool IsFull => _errors is { IsFull: true };

    public void Add(string path, string sentence) => (_errors ??= new()).Add(path, sentence);

    public void Unknown(string parent, string name, IReadOnlyCollection<string> allowed)
    {
        if (IsFull)
        {
            _errors!.AddUnlisted();
            return;
        }
        var nearest = NearestName.Find(name, allowed);
        Add(parent.Length == 0 ? Shorten(name) : Path(parent, name), nearest is null
            ? $"'{Shorten(name)}' is not known here. Allowed: {string.Join(", ", allowed)}."
            : $"'{Shorten(name)}' is not known here. Did you mean '{nearest}'?");
    }

    /// <exception cref="GenApiException">InvalidRequest, if anything was added.</exception>
    public void ThrowIfAny()
    {
        if (_errors is not null)
        {
            throw _errors.ToException(
                ErrorKind.InvalidRequest, isSorted: false, (path, sentence, others) => $"{path}: {sentence}{More(others)}");
        }
    }

    /// <summary>In the notation of RFC 9535; names that are not plain words go into brackets.</summary>
    public static string Path(string parent, string name)
    {
        var isPlain = name.Length is > 0 and <= LongestShown && !char.IsAsciiDigit(name[0])
            && name.All(each => char.IsAsciiLetterOrDigit(each) || each == '_');
        return isPlain ? $"{parent}.{name}" : $"{parent}['{Shorten(name).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}']";
    }

    public static string Shorten(string text, int longest = LongestShown) => Characters.Cut(text, longest);

    private static string More(int others) => others switch { 0 => "", 1 => " (and 1 more)", _ => $" (and {others} more)" };
}
