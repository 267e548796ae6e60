using GenApi.Core.Errors;

namespace GenApi.Core.Generations.Reading;

/// <summary>
/// Collects what is wrong with the images and files that a request names. One exception reports everything of the first kind: unknown ones
/// before forbidden ones, and conflicts before missing bytes.
/// </summary>
internal sealed class NamedOutputProblems
{
    private static readonly ErrorKind[] Order = [ErrorKind.NotFound, ErrorKind.Forbidden, ErrorKind.Conflict, ErrorKind.BlobMissing];

    private readonly Dictionary<ErrorKind, ErrorList> _lists = [];

    /// <summary>Adds an image or file that the caller does not see.</summary>
    public void Unknown(NamedOutput named) => Add(ErrorKind.NotFound, named, $"there is no {named.Word} {named.PublicId}.");

    /// <param name="kind">Not found, forbidden, conflict or missing bytes.</param>
    /// <param name="named">The image or file.</param>
    /// <param name="sentence">Names it and says what is wrong.</param>
    public void Add(ErrorKind kind, NamedOutput named, string sentence)
    {
        if (!_lists.TryGetValue(kind, out var list))
            _lists.Add(kind, list = new());
        list.Add(named.Path, sentence);
    }

    /// <exception cref="GenApiException">NotFound, Forbidden, Conflict or BlobMissing, with the path of each id.</exception>
    public void ThrowIfAny()
    {
        foreach (var kind in Order)
        {
            if (_lists.TryGetValue(kind, out var list))
                throw list.ToException(kind, isSorted: false, static (path, sentence, others) => $"{path}: {sentence}{More(others)}");
        }
    }

    private static string More(int others) => others switch { 0 => "", 1 => " (and 1 more)", _ => $" (and {others} more)" };
}
