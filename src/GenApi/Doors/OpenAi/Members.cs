using System.Globalization;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Inputs;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.OpenAi;

/// <summary>
/// The members of a request that are still to be read. Numbers and booleans may be texts, as forms have them and as some programs write
/// them into JSON.
/// </summary>
internal sealed class Members(IReadOnlyList<KeyValuePair<string, JsonElement>> members)
{
    private const int LongestName = 128, Most = 200;

    private readonly List<KeyValuePair<string, JsonElement>> _left = [.. members];

    /// <summary>The members that nothing has read.</summary>
    public IReadOnlyList<KeyValuePair<string, JsonElement>> Rest => _left;

    /// <exception cref="GenApiException">InvalidRequest: there are too many members, or a name is too long.</exception>
    public void CheckNames()
    {
        if (_left.Count > Most)
            throw Wrong("$", $"a request has at most {Most} members; this one has {_left.Count}.");
        if (_left.Find(member => member.Key.Length > LongestName) is { Key: { } name })
            throw Wrong(MemberErrors.Shorten(name), $"the name of a member has at most {LongestName} characters.");
    }

    /// <summary>Takes a member out; null if it is not there.</summary>
    public JsonElement? Take(string name)
    {
        var at = _left.FindIndex(member => member.Key == name);
        if (at < 0)
            return null;
        var value = _left[at].Value;
        _left.RemoveAt(at);
        return value;
    }

    /// <exception cref="GenApiException">InvalidRequest: it is not a string of at most so many characters.</exception>
    public string? Text(string name, int longest)
    {
        if (Take(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.String && value.GetString() is { } text && Characters.AreAtMost(text, longest)
            ? text
            : throw Wrong(name, $"must be a string of at most {longest} characters; it is {JsonTexts.Shown(value)}.");
    }

    /// <summary>Checks that a value is a prompt: a string that is not blank.</summary>
    /// <exception cref="GenApiException">InvalidRequest.</exception>
    public static JsonElement RequireText(string name, JsonElement value) =>
        value.ValueKind == JsonValueKind.String && !string.IsNullOrWhiteSpace(value.GetString())
            ? value
            : throw Wrong(
                name, $"must be a string of 1 to {InputLimits.LongestPrompt} characters, not only spaces; it is {JsonTexts.Shown(value)}.");

    /// <exception cref="GenApiException">InvalidRequest: it is none of the words.</exception>
    public string? Word(string name, params string[] words)
    {
        if (Take(name) is not { } value)
            return null;
        return value.ValueKind == JsonValueKind.String && Array.Find(words, word => IsText(value, word)) is { } found
            ? found
            : throw Wrong(name, $"must be one of {string.Join(", ", words)}; it is {JsonTexts.Shown(value)}.");
    }

    /// <exception cref="GenApiException">InvalidRequest: it is not a whole number in the range.</exception>
    public int? Whole(string name, int least, int most)
    {
        if (Take(name) is not { } value)
            return null;
        decimal number = default;
        var isNumber = value.ValueKind switch
        {
            JsonValueKind.Number => value.TryGetDecimal(out number),
            JsonValueKind.String => decimal.TryParse(value.GetString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out number),
            _ => false,
        };
        return isNumber && number == decimal.Truncate(number) && number >= least && number <= most
            ? (int)number
            : throw Wrong(name, $"must be a whole number from {least} to {most}; it is {JsonTexts.Shown(value)}.");
    }

    /// <exception cref="GenApiException">InvalidRequest: it is neither true nor false.</exception>
    public bool Flag(string name)
    {
        if (Take(name) is not { } value)
            return false;
        return value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.String when bool.TryParse(value.GetString(), out var flag) => flag,
            _ => throw Wrong(name, $"must be true or false; it is {JsonTexts.Shown(value)}."),
        };
    }

    /// <summary>Returns whether a value is a word, in any case.</summary>
    public static bool IsText(JsonElement value, string word) =>
        value.ValueKind == JsonValueKind.String && word.Equals(value.GetString(), StringComparison.OrdinalIgnoreCase);

    private static GenApiException Wrong(string name, string sentence) =>
        GenApiException.ForMember(ErrorKind.InvalidRequest, name, $"'{name}' {sentence}");
}
