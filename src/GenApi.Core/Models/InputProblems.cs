using GenApi.Core.Errors;

namespace GenApi.Core.Models;

/// <summary>All that is wrong with one input, by JSON path. A struct, for nearly every input has none.</summary>
internal struct InputProblems
{
    private const int LongestNameTold = 100;

    private SortedDictionary<string, List<string>>? _refused;
    private SortedDictionary<string, List<string>>? _contradicted;

    /// <summary>The path of a member of <c>input</c>.</summary>
    public static string PathOf(string name)
    {
        if (name.Length > LongestNameTold)
            name = string.Concat(name.AsSpan(0, LongestNameTold), "…");
        return name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')
            ? $"$.input.{name}"
            : $"$.input['{name.Replace("\\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}']";
    }

    public void Refuse(string path, string message) => Add(ref _refused, path, message);

    /// <summary>Two places say different things about the same input of the model.</summary>
    public void Contradict(string path, string otherPath, string input)
    {
        Add(ref _contradicted, path, $"contradicts {otherPath}: both set the model's input '{input}', to different values");
        if (otherPath != path)
            Add(ref _contradicted, otherPath, $"contradicts {path}: both set the model's input '{input}', to different values");
    }

    /// <summary>All of them as one; null when there is none.</summary>
    public readonly GenApiException? Fault =>
        _contradicted is not null ? Exception(ErrorKind.InvalidRequest, _contradicted)
        : _refused is not null ? Exception(ErrorKind.InvalidInput, _refused)
        : null;

    public readonly void ThrowIfAny()
    {
        if (Fault is { } fault)
            throw fault;
    }

    private static void Add(ref SortedDictionary<string, List<string>>? problems, string path, string message)
    {
        problems ??= new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        if (problems.TryGetValue(path, out var messages))
            messages.Add(message);
        else
            problems[path] = [message];
    }

    private static GenApiException Exception(ErrorKind kind, SortedDictionary<string, List<string>> problems)
    {
        var (path, messages) = problems.First();
        var more = problems.Sum(problem => problem.Value.Count) - 1;
        return new GenApiException(kind, $"{path}: {messages[0]}." + (more == 0 ? "" : $" And {more} more."))
        {
            Errors = problems.ToDictionary(problem => problem.Key, problem => problem.Value.ToArray()),
        };
    }
}
