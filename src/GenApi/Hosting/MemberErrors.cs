using GenApi.Core.Errors;

namespace GenApi.Hosting;

/// <summary>Collects everything that is wrong with a request, by JSON path or by the name of a parameter or header, so that it is told at once.</summary>
internal sealed class MemberErrors
{
    private Dictionary<string, string[]>? _errors;

    public void Add(string path, string sentence)
    {
        _errors ??= [];
        _errors[path] = _errors.TryGetValue(path, out var before) ? [.. before, sentence] : [sentence];
    }

    public void Unknown(string parent, string name, IReadOnlyCollection<string> allowed)
    {
        var nearest = NearestName.Find(name, allowed);
        Add(parent.Length == 0 ? name : Path(parent, name), nearest is null
            ? $"'{Shorten(name)}' is not known here. Allowed: {string.Join(", ", allowed)}."
            : $"'{Shorten(name)}' is not known here. Did you mean '{nearest}'?");
    }

    /// <exception cref="GenApiException">InvalidRequest, if anything was added.</exception>
    public void ThrowIfAny()
    {
        if (_errors is null)
            return;
        var (path, sentences) = _errors.First();
        var others = _errors.Sum(each => each.Value.Length) - 1;
        var more = others switch { 0 => "", 1 => " (and 1 more)", _ => $" (and {others} more)" };
        throw new GenApiException(ErrorKind.InvalidRequest, $"{path}: {sentences[0]}{more}") { Errors = _errors };
    }

    /// <summary>In the notation of RFC 9535; names that are not plain words go into brackets.</summary>
    public static string Path(string parent, string name)
    {
        var isPlain = name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(each => char.IsAsciiLetterOrDigit(each) || each == '_');
        return isPlain ? $"{parent}.{name}" : $"{parent}['{Shorten(name).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}']";
    }

    public static string Shorten(string text, int longest = 64) => text.Length <= longest ? text : string.Concat(text.AsSpan(0, longest), "…");
}
