using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Core.Models.Inputs;
using GenApi.Hosting.Requests;

namespace GenApi.Generations;

/// <summary>Suggests our members for those of other services' requests.</summary>
/// <param name="body">The whole request.</param>
/// <param name="nameOfVersion">Returns the model for a version; null if the version is unknown.</param>
internal sealed partial class ForeignMembers(JsonElement body, Func<string, string?> nameOfVersion)
{
    private const int LongestShown = 200;

    /// <summary>Returns advice on what to write instead of a member; null if no other service has it.</summary>
    /// <param name="name">The name of the member.</param>
    /// <param name="value">Its value, which the advice repeats.</param>
    public string? Hint(string name, JsonElement value) => name switch
    {
        "n" => $"It is OpenAI's name. Write {Member("num_outputs", value)}.",
        "size" => Size(value),
        "version" => Version(value),
        "response_format" => "Leave it out: every answer names its images by address, in images[].url.",
        "stream" => "Leave it out: GET urls.events of the answer to follow the generation.",
        "webhook_completed" => $"Write {Member("webhook", value)}.",
        _ when InputNames.Meaning(name) is { } common => $"Write {Member(common, value)}.",
        _ => null,
    };

    /// <summary>Returns advice for OpenAI's size, such as <c>1024x1024</c> or <c>auto</c>.</summary>
    private static string Size(JsonElement value)
    {
        var match = Sides().Match(value.ValueKind == JsonValueKind.String ? value.GetString()! : "");
        if (match.Success)
            return $"It is OpenAI's name. Write \"width\": {match.Groups[1].Value}, \"height\": {match.Groups[2].Value}.";
        return "It is OpenAI's name. Write \"width\" and \"height\" in pixels, or leave them out for the model's own size. "
            + "If the model itself has an input 'size', write it into \"input\".";
    }

    /// <summary>Returns advice for Replicate's version: a version alone, one with its model, or the name of an official model.</summary>
    private string Version(JsonElement value)
    {
        var version = value.ValueKind == JsonValueKind.String ? value.GetString()!.Trim() : "";
        var model = body.TryGetProperty("model", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString()!.Trim() : "";
        var reference = version.Contains('/', StringComparison.Ordinal) ? version
            : version.Length == 0 ? "owner/name:version"
            : nameOfVersion(version) ?? (model.Contains('/', StringComparison.Ordinal) && !model.Contains(':', StringComparison.Ordinal)
                ? $"{model}:{version}" : $"owner/name:{version}");
        return $"It is Replicate's name. Write {Quoted("model", reference)}; \"input\" stays as it is.";
    }

    private static string Member(string name, JsonElement value) =>
        value.GetRawText() is { Length: <= LongestShown } text ? $"\"{name}\": {text}" : $"\"{name}\" with this value";

    private static string Quoted(string name, string text) => $"\"{name}\": \"{MemberErrors.Shorten(text, LongestShown)}\"";

    [GeneratedRegex(@"^\s*(\d{1,5})\s*[xX×]\s*(\d{1,5})\s*$", RegexOptions.CultureInvariant)]
    private static partial Regex Sides();
}
