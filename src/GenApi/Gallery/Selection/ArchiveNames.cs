using System.Globalization;
using System.Text;
using GenApi.Core.Images;

namespace GenApi.Gallery.Selection;

/// <summary>
/// Names the files of an archive after prompt and seed. Each name is unique whatever the case of its letters, has no path, and is allowed
/// on every file system.
/// </summary>
internal sealed class ArchiveNames
{
    /// <summary>The file with the settings.</summary>
    public const string Settings = "settings.json";

    /// <summary>In bytes of UTF-8; file systems allow 255.</summary>
    private const int LongestName = 240;

    private const string Allowed = "-_.";

    /// <summary>Names that Windows keeps for devices, with any extension.</summary>
    private static readonly HashSet<string> Devices = new(
        [
            "con", "prn", "aux", "nul",
            .. "0123456789¹²³".SelectMany(digit => new[] { $"com{digit}", $"lpt{digit}" }),
        ],
        StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _taken = new([Settings], StringComparer.OrdinalIgnoreCase);

    /// <summary>The next number for a name that is taken.</summary>
    private readonly Dictionary<string, int> _next = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the name of the next file.</summary>
    public string Next(StoredImage output)
    {
        var (stem, extension) = PartsOf(output);
        if (!Devices.Contains(stem.Split('.')[0]) && _taken.Add(stem + extension))
            return stem + extension;
        for (var number = _next.GetValueOrDefault(stem + extension, 2); ; number++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{number}{extension}");
            if (!_taken.Add(name))
                continue;
            _next[stem + extension] = number + 1;
            return name;
        }
    }

    private static (string Stem, string Extension) PartsOf(StoredImage output)
    {
        var name = Safe(output.FileName);
        var extension = output.IsImage ? ImageFormat.Find(output.ContentType)?.Extension ?? "" : Path.GetExtension(name);
        var stem = output.IsImage || extension.Length == 0 ? name : name[..^extension.Length];
        stem = stem.Trim('.', '-');
        return (Shortened(stem.Length == 0 ? output.Word : stem, LongestName - extension.Length), extension);
    }

    /// <summary>Replaces everything but letters and digits of any script. A row that was written by hand can hold any text.</summary>
    private static string Safe(string name)
    {
        var safe = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            var isAllowed = Rune.IsLetterOrDigit(rune) || (rune.IsAscii && Allowed.Contains((char)rune.Value, StringComparison.Ordinal))
                || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
            safe.Append(isAllowed ? rune.ToString() : "-");
        }
        return safe.ToString();
    }

    /// <summary>Cuts a name before its seed, so that the seed stays.</summary>
    private static string Shortened(string stem, int most)
    {
        if (Encoding.UTF8.GetByteCount(stem) <= most)
            return stem;
        var dash = stem.LastIndexOf('-');
        var seed = dash > 0 && stem.AsSpan(dash + 1).ContainsAnyExceptInRange('0', '9') is false ? stem[dash..] : "";
        var words = stem[..^seed.Length];
        var (length, bytes) = (0, Encoding.UTF8.GetByteCount(seed));
        foreach (var rune in words.EnumerateRunes())
        {
            if ((bytes += rune.Utf8SequenceLength) > most)
                break;
            length += rune.Utf16SequenceLength;
        }
        return words[..length] + seed;
    }
}
