namespace GenApi.Core.Replicate.Reading;

/// <summary>
/// Limits for ids, names, addresses, times and numbers of the upstream. A value beyond its limit counts as missing.
/// </summary>
internal static class UpstreamBounds
{
    /// <summary>
    /// The characters of a log or an error that are read: more than a row stores, so that a secret at the cut is still recognized.
    /// </summary>
    public const int LogCharacters = 72 * 1024;

    public const int ErrorCharacters = 8 * 1024;

    public const int DescriptionCharacters = 10_000;

    /// <summary>The largest schema; the largest known ones have some 100 kB.</summary>
    public const int SchemaBytes = 4 << 20;

    private const int LongestId = 64;
    private const int LongestFileId = 128;
    private const int LongestName = 100;
    private const int LongestAddress = 8 * 1024;

    /// <summary>The longest time; runs end after 24 hours at the latest.</summary>
    private const double LongestSeconds = 7 * 24 * 3600;

    private static readonly DateTimeOffset Earliest = new(2015, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2150, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Returns whether a text is the id of a prediction or a version. It becomes part of paths that get our token.</summary>
    public static bool IsId(string? text) => IsPart(text, LongestId) && !text!.Contains('.', StringComparison.Ordinal);

    public static bool IsFileId(string? text) => IsPart(text, LongestFileId);

    /// <summary>Returns whether a text is the name of a model or its owner.</summary>
    public static bool IsName(string? text) => IsPart(text, LongestName);

    public static string? Short(string? text) => text?.Length > LongestName * 2 + 1 ? null : text;

    public static bool IsAddress(string? text) =>
        text?.Length <= LongestAddress && Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);

    public static double? Seconds(double? seconds) => seconds is >= 0 and <= LongestSeconds ? seconds : null;

    public static DateTimeOffset? Instant(DateTimeOffset? time) => time >= Earliest && time < Latest ? time : null;

    public static string Head(string text, int most) => text.Length > most ? text[..most] : text;

    public static string Tail(string text, int most) => text.Length > most ? text[^most..] : text;

    // No "..", no '%' and no second '/', which could change the path.
    private static bool IsPart(string? text, int longest) =>
        text?.Length > 0 && text.Length <= longest && char.IsAsciiLetterOrDigit(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '=');
}
