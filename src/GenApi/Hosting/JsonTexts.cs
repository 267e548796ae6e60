using System.Text.Json;

namespace GenApi.Hosting;

/// <summary>What RFC 8259 allows and no reader downstream does: half a surrogate pair, U+0000, the same member twice.</summary>
internal static class JsonTexts
{
    private const int LongestShown = 40;

    /// <summary>Looks at every name and string.</summary>
    public static void Check(JsonElement element, MemberErrors errors) => Check(element, "$", errors);

    public static void CheckDuplicates(JsonElement element, string path, MemberErrors errors)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            var index = 0;
            foreach (var item in element.EnumerateArray())
            {
                if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                    CheckDuplicates(item, $"{path}[{index}]", errors);
                index++;
            }
        }
        if (element.ValueKind != JsonValueKind.Object)
            return;
        var names = new HashSet<string>(element.GetPropertyCount());
        foreach (var member in element.EnumerateObject())
        {
            if (!names.Add(member.Name))
                errors.Add(MemberErrors.Path(path, member.Name), $"'{MemberErrors.Shorten(member.Name)}' is given more than once.");
            if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                CheckDuplicates(member.Value, MemberErrors.Path(path, member.Name), errors);
        }
    }

    /// <summary>A value as a message may show it: short, strings by their beginning.</summary>
    public static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { Length: > LongestShown } text => $"a string of {text.Length} characters",
        JsonValueKind.String => $"\"{value.GetString()}\"",
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        _ => MemberErrors.Shorten(value.GetRawText(), LongestShown),
    };

    private static void Check(JsonElement element, string path, MemberErrors errors)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String when !IsSound(element.GetString):
                errors.Add(path, "the string holds half a surrogate pair or U+0000, which is no text.");
                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                    Check(item, $"{path}[{index++}]", errors);
                break;
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                {
                    if (IsSound(() => member.Name))
                        Check(member.Value, MemberErrors.Path(path, member.Name), errors);
                    else
                        errors.Add(path, "the name of a member holds half a surrogate pair or U+0000, which is no text.");
                }
                break;
        }
    }

    private static bool IsSound(Func<string?> read)
    {
        try
        {
            return read()?.Contains('\0', StringComparison.Ordinal) != true;
        }
        catch (InvalidOperationException)
        {
            // How the reader says that an escaped surrogate stands alone.
            return false;
        }
    }
}
