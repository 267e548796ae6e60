using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Models.Canonical;

namespace GenApi.Hosting.Requests;

/// <summary>Refuses what RFC 8259 allows but later readers don't: half a surrogate pair, U+0000, the same member twice.</summary>
internal static class JsonTexts
{
    private const int LongestShown = 40;

    /// <summary>Checks every name and string.</summary>
    public static void Check(JsonElement element, MemberErrors errors)
    {
        // Only an escape can write either, and escapes are rare.
        if (JsonMarshal.GetRawUtf8Value(element).IndexOf("\\u"u8) >= 0)
            Check(element, null, errors);
    }

    public static void CheckDuplicates(JsonElement element, MemberErrors errors) => CheckDuplicates(element, null, errors);

    /// <summary>Shortens a value for a message.</summary>
    public static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when JsonCharacters.Count(value) is > LongestShown and var count => $"a string of {count} characters",
        JsonValueKind.String => $"\"{value.GetString()}\"",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        _ => MemberErrors.Shorten(value.GetRawText(), LongestShown),
    };

    private static void Check(JsonElement element, Place? place, MemberErrors errors)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String when !JsonCharacters.AreSound(JsonMarshal.GetRawUtf8Value(element)):
                errors.Add(Place.PathOf(place), "the string holds half a surrogate pair or U+0000, which is not text.");
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                    Check(item, new Place(place, null, index++), errors);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (JsonCharacters.AreSound(JsonMarshal.GetRawUtf8PropertyName(member)))
                        Check(member.Value, new Place(place, member.Name, 0), errors);
                    else
                        errors.Add(Place.PathOf(place), "the name of a member holds half a surrogate pair or U+0000, which is not text.");
                }
                break;
        }
    }

    private static void CheckDuplicates(JsonElement element, Place? place, MemberErrors errors)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray())
            {
                if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                    CheckDuplicates(item, new Place(place, null, index), errors);
                index++;
            }
        }
        if (element.ValueKind != JsonValueKind.Object)
            return;
        var names = new HashSet<string>(element.GetPropertyCount());
        foreach (var member in element.EnumerateObject())
        {
            var here = new Place(place, member.Name, 0);
            if (!names.Add(member.Name))
                errors.Add(Place.PathOf(here), $"'{MemberErrors.Shorten(member.Name)}' is given more than once.");
            if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                CheckDuplicates(member.Value, here, errors);
        }
    }

    /// <summary>A place in the body; null is the body itself. Its path is written only if something is wrong there.</summary>
    private sealed record Place(Place? Parent, string? Name, int Index)
    {
        public static string PathOf(Place? place) => place switch
        {
            null => "$",
            { Name: { } name } => MemberErrors.Path(PathOf(place.Parent), name),
            _ => $"{PathOf(place.Parent)}[{place.Index}]",
        };
    }
}
