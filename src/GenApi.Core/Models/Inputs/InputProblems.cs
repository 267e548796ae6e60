using GenApi.Core.Errors;

namespace GenApi.Core.Models.Inputs;

/// <summary>Collects all problems of one input, by JSON path. It is a struct because nearly every input has none.</summary>
internal struct InputProblems
{
    private const int LongestNameTold = 100;

    private ErrorList? _refused;
    private ErrorList? _contradicted;

    /// <summary>Returns the path of a member of <c>input</c>.</summary>
    public static string PathOf(string name)
    {
        name = Characters.Cut(name, LongestNameTold);
        return name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_')
            ? $"$.input.{name}"
            : $"$.input['{name.Replace("\\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}']";
    }

    /// <summary>True if a further problem would only be counted.</summary>
    public readonly bool IsFull => _refused is { IsFull: true };

    public void Refuse(string path, string message) => (_refused ??= new()).Add(path, message);

    /// <summary>Adds two members that set one input of the model to different values.</summary>
    public void Contradict(string path, string otherPath, string input)
    {
        (_contradicted ??= new()).Add(path, $"contradicts {otherPath}: both set the model's input '{input}', to different values");
        if (otherPath != path)
            _contradicted.Add(otherPath, $"contradicts {path}: both set the model's input '{input}', to different values");
    }

    /// <summary>All problems as one error; null if there are none.</summary>
    public readonly GenApiException? Fault =>
        _contradicted is not null ? Exception(ErrorKind.InvalidRequest, _contradicted)
        : _refused is not null ? Exception(ErrorKind.InvalidInput, _refused)
        : null;

    public readonly void ThrowIfAny()
    {
        if (Fault is { } fault)
            throw fault;
    }

    private static GenApiException Exception(ErrorKind kind, ErrorList problems) =>
        problems.ToException(
            kind, isSorted: true, (path, message, others) => $"{path}: {message}." + (others == 0 ? "" : $" And {others} more."));
}
