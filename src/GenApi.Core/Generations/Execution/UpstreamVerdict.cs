using GenApi.Core.Errors;

namespace GenApi.Core.Generations.Execution;

/// <summary>Interprets the error text of a failed prediction for a caller. The texts are those seen in public reports.</summary>
internal static class UpstreamVerdict
{
    private const int MostCharacters = 600;

    /// <param name="error">The prediction's error; often absent.</param>
    /// <param name="logs">Its log; the last line replaces a missing error.</param>
    public static (ErrorKind Kind, string Message) Of(string? error, string? logs)
    {
        var text = Clean(error) ?? Clean(LastLine(logs));
        if (text is null)
            return (ErrorKind.UpstreamFailed, "The model failed and gave no reason.");
        if (RefusalTexts.IsRefusal(text))
            return (ErrorKind.ContentRefused, $"The model refused the content: {text}");
        if (text.StartsWith("Input validation error", StringComparison.OrdinalIgnoreCase))
            return (ErrorKind.InvalidInput, text);
        return (ErrorKind.UpstreamFailed, $"The model failed: {text}");
    }

    private static string? LastLine(string? logs) => logs?.Split('\n', '\r')
        .LastOrDefault(line => !string.IsNullOrWhiteSpace(line) && !line.Contains("it/s]", StringComparison.Ordinal));

    /// <summary>Takes the first line alone, because a stack trace of the model's own code follows.</summary>
    private static string? Clean(string? text)
    {
        var line = text?.Split('\n').Select(part => part.Trim()).FirstOrDefault(part => part.Length > 0);
        if (line is null)
            return null;
        return line.Length > MostCharacters ? line[..MostCharacters] : line;
    }
}
