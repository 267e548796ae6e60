using GenApi.Core.Persistence;

namespace GenApi.Images;

/// <summary>Ids of images and files as they stand in paths.</summary>
internal static class OutputId
{
    // Those of files are as long as .safetensors.
    private const int LongestExtension = 5, LongestOfFiles = 12;

    /// <summary>Null for what is no id with this prefix, with or without an extension.</summary>
    public static Guid? Parse(string prefix, string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0 && !IsExtension(name.AsSpan(dot + 1), prefix == PublicId.Image ? LongestExtension : LongestOfFiles))
            return null;
        return PublicId.TryParse(prefix, dot < 0 ? name : name[..dot], out var id) ? id : null;
    }

    // Any will do: the type is told by Content-Type, and a page that was written by hand may say .jpeg for .jpg.
    private static bool IsExtension(ReadOnlySpan<char> text, int longest)
    {
        foreach (var each in text)
        {
            if (!char.IsAsciiLetterOrDigit(each))
                return false;
        }
        return text.Length > 0 && text.Length <= longest;
    }
}
