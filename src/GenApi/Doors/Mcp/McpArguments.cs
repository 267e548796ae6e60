using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.Requests;
using Microsoft.Extensions.Primitives;

namespace GenApi.Doors.Mcp;

/// <summary>Reads the arguments of tools strictly: a wrong or unknown one is refused, with everything that is wrong at once.</summary>
internal static class McpArguments
{
    public const string GenerationId = "generation_id", WaitSeconds = "wait_seconds";

    /// <summary>The scheme and the beginning of the addresses of images as resources.</summary>
    public const string ImageUri = "genapi://images/";

    /// <summary>Of an address of an image here, in bytes of JSON.</summary>
    private const int LongestAddress = 2_000;

    /// <summary>Reads the id of a generation and nothing else.</summary>
    /// <exception cref="GenApiException">InvalidRequest. NotFound: it is no id of a generation.</exception>
    public static Guid ReadId(JsonElement arguments) => ReadId(arguments, out _, hasWait: false);

    /// <summary>Reads the id of a generation and how long to wait for it.</summary>
    /// <inheritdoc cref="ReadId(JsonElement)"/>
    public static Guid ReadId(JsonElement arguments, out TimeSpan wait) => ReadId(arguments, out wait, hasWait: true);

    /// <summary>Writes arguments as the parameters of a list, so that both are read by the same rules.</summary>
    /// <param name="arguments">The arguments of the call.</param>
    /// <param name="rows">The rows of a page, if the call names none.</param>
    /// <exception cref="GenApiException">InvalidRequest: one is neither a string nor a number nor true or false.</exception>
    public static QueryCollection Query(JsonElement arguments, string rows)
    {
        var errors = new MemberErrors();
        RequireObject(arguments, errors);
        var parameters = new Dictionary<string, StringValues> { ["limit"] = rows };
        foreach (var argument in arguments.EnumerateObject())
        {
            switch (argument.Value.ValueKind)
            {
                case JsonValueKind.Null:
                    break;
                case JsonValueKind.String:
                    parameters[argument.Name] = argument.Value.GetString();
                    break;
                case JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False:
                    parameters[argument.Name] = argument.Value.GetRawText();
                    break;
                default:
                    errors.Add(
                        MemberErrors.Path("$", argument.Name),
                        $"'{MemberErrors.Shorten(argument.Name)}' must be a text or a number; it is {JsonTexts.Shown(argument.Value)}.");
                    break;
            }
        }
        errors.ThrowIfAny();
        return new QueryCollection(parameters);
    }

    /// <summary>Puts ids in the place of addresses of images here (<see cref="TryReadImage"/>).</summary>
    /// <param name="arguments">The arguments of the call.</param>
    /// <param name="baseUrl">How links to this service begin for the caller.</param>
    /// <param name="names">The arguments that name images.</param>
    /// <exception cref="GenApiException">InvalidRequest: the arguments are no object.</exception>
    public static JsonElement WithIds(JsonElement arguments, string baseUrl, params ReadOnlySpan<string> names)
    {
        RequireObject(arguments, new MemberErrors());
        JsonObject? changed = null;
        foreach (var name in names)
        {
            // A data URI may have megabytes.
            if (arguments.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
                && JsonMarshal.GetRawUtf8Value(value).Length <= LongestAddress
                && TryReadImage(value.GetString()!, baseUrl, out var image))
                (changed ??= JsonObject.Create(arguments)!)[name] = image;
        }
        return changed is null ? arguments : JsonElement.Parse(changed.ToJsonString());
    }

    /// <summary>
    /// Finds the image that an address names: that of a resource, or a link that we gave out. Models give back what they were given.
    /// </summary>
    /// <param name="address">The text.</param>
    /// <param name="baseUrl">How links to this service begin for the caller.</param>
    /// <param name="image"><c>img_…</c>.</param>
    public static bool TryReadImage(string address, string baseUrl, out string image)
    {
        image = "";
        foreach (var start in (string[])[ImageUri, $"{baseUrl}/images/"])
        {
            if (!address.StartsWith(start, StringComparison.OrdinalIgnoreCase))
                continue;
            var end = address.AsSpan(start.Length).IndexOfAny('.', '?', '#');
            image = end < 0 ? address[start.Length..] : address.Substring(start.Length, end);
            return PublicId.TryParse(PublicId.Image, image, out _);
        }
        return false;
    }

    public static void RequireObject(JsonElement arguments, MemberErrors errors)
    {
        if (arguments.ValueKind == JsonValueKind.Object)
            return;
        errors.Add("$", $"the arguments must be an object; they are {JsonTexts.Shown(arguments)}.");
        errors.ThrowIfAny();
    }

    private static Guid ReadId(JsonElement arguments, out TimeSpan wait, bool hasWait)
    {
        var errors = new MemberErrors();
        RequireObject(arguments, errors);
        string[] known = hasWait ? [GenerationId, WaitSeconds] : [GenerationId];
        string? id = null;
        wait = TimeSpan.FromSeconds(McpWaits.MostSeconds);
        foreach (var argument in arguments.EnumerateObject())
        {
            var value = argument.Value;
            if (!known.Contains(argument.Name))
                errors.Unknown("$", argument.Name, known);
            else if (value.ValueKind == JsonValueKind.Null)
                continue;
            else if (argument.Name == WaitSeconds)
                wait = Wait(value, errors);
            else if (value.ValueKind == JsonValueKind.String)
                id = value.GetString();
            else
                errors.Add($"$.{GenerationId}", $"'{GenerationId}' must be an id (gen_…); it is {JsonTexts.Shown(value)}.");
        }
        if (id is null)
            errors.Add($"$.{GenerationId}", $"'{GenerationId}' is missing. Give the id (gen_…) that generate_image returned.");
        errors.ThrowIfAny();
        return RouteId.Parse(PublicId.Generation, id!, "generation", GenerationId);
    }

    private static TimeSpan Wait(JsonElement value, MemberErrors errors)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var seconds) && seconds is >= 0 and <= McpWaits.MostSeconds)
            return TimeSpan.FromSeconds(seconds);
        errors.Add(
            $"$.{WaitSeconds}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"'{WaitSeconds}' must be a whole number from 0 to {McpWaits.MostSeconds}; it is {JsonTexts.Shown(value)}."));
        return default;
    }
}
