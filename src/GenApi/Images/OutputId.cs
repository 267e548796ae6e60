using GenApi.Core.Persistence;

namespace GenApi.Images;

/// <summary>Reads the ids of images and files in paths.</summary>
internal static class OutputId
{
    // The longest extension of files is that of .safetensors.
    private const int LongestExtension = 5, LongestOfFiles = 12;

    /// <returns>The id; null if the text is not an id with this prefix, with or without an extension.</returns>
    public static Guid? Parse(string prefix, string name)
    {
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        if (dot >= 0 && !IsExtension(name.AsSpan(dot + 1), prefix == PublicId.Image ? LongestExtension : LongestOfFiles))
            return null;
        return PublicId.TryParse(prefix, dot < 0 ? name : name[..dot], out var id) ? id : null;
    }

    // Any extension is fine: Content-Type has the type, and a handwritten page may use .jpeg for .jpg.
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
