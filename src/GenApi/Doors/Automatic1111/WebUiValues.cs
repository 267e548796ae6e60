using System.Text.Json;
using GenApi.Core.Images.Metadata.Reading;
using GenApi.Core.Models.Canonical;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.Automatic1111;

/// <summary>Reads single values of the web UI's requests. A wrong one is null and adds an error. Numbers may be strings.</summary>
/// <param name="errors">Where errors go.</param>
internal sealed class WebUiValues(MemberErrors errors)
{
    private const int LongestName = 256;

    public string? Text(string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            return Given(value.GetString());
        errors.Add(name, $"'{name}' must be a string; it is {JsonTexts.Shown(value)}.");
        return null;
    }

    public string? Name(string path, string name, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String && JsonCharacters.Count(value) <= LongestName)
            return Given(value.GetString());
        errors.Add(path, $"'{name}' must be the name of a model, of at most {LongestName} characters; it is {JsonTexts.Shown(value)}.");
        return null;
    }

    public bool? Flag(string name, JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return value.GetBoolean();
        errors.Add(name, $"'{name}' must be true or false; it is {JsonTexts.Shown(value)}.");
        return null;
    }

    public long? Whole(string name, JsonElement value, long least, long most)
    {
        if (ToolJson.Number(value) is { } number && number == decimal.Truncate(number) && number >= least && number <= most)
            return (long)number;
        errors.Add(name, $"'{name}' must be a whole number from {least} to {most}; it is {JsonTexts.Shown(value)}.");
        return null;
    }

    public double? Number(string name, JsonElement value, decimal least, decimal most)
    {
        if (ToolJson.Number(value) is { } number && number >= least && number <= most)
            return (double)number;
        errors.Add(
            name, FormattableString.Invariant($"'{name}' must be a number from {least} to {most}; it is {JsonTexts.Shown(value)}."));
        return null;
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
