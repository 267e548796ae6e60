namespace GenApi.Core.Replicate.Reading;

/// <summary>
/// What an id, a name, an address, a time or a number of the upstream may be at most. What is beyond that is taken as not told.
/// </summary>
internal static class UpstreamBounds
{
    /// <summary>
    /// Characters of a log or an error that are looked at: more than a row keeps, so that a secret at the cut is still seen whole.
    /// </summary>
    public const int LogCharacters = 72 * 1024;

    public const int ErrorCharacters = 8 * 1024;

    public const int DescriptionCharacters = 10_000;

    /// <summary>The largest schemas known have some 100 kB.</summary>
    public const int SchemaBytes = 4 << 20;

    private const int LongestId = 64;
    private const int LongestFileId = 128;
    private const int LongestName = 100;
    private const int LongestAddress = 8 * 1024;

    /// <summary>Runs end after 24 hours at the latest.</summary>
    private const double LongestSeconds = 7 * 24 * 3600;

    private static readonly DateTimeOffset Earliest = new(2015, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Latest = new(2150, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Of a prediction or a version. It becomes a part of paths that our token goes to.</summary>
    public static bool IsId(string? text) => IsPart(text, LongestId) && !text!.Contains('.', StringComparison.Ordinal);

    public static bool IsFileId(string? text) => IsPart(text, LongestFileId);

    /// <summary>Of a model or its owner.</summary>
    public static bool IsName(string? text) => IsPart(text, LongestName);

    public static string? Short(string? text) => text?.Length > LongestName * 2 + 1 ? null : text;

    public static bool IsAddress(string? text) =>
        text?.Length <= LongestAddress && Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp);

    public static double? Seconds(double? seconds) => seconds is >= 0 and <= LongestSeconds ? seconds : null;

    public static DateTimeOffset? Instant(DateTimeOffset? time) => time >= Earliest && time < Latest ? time : null;

    public static string Head(string text, int most) => text.Length > most ? text[..most] : text;

    public static string Tail(string text, int most) => text.Length > most ? text[^most..] : text;

    // No "..", no '%' and no second '/', which a path could be bent with.
    private static bool IsPart(string? text, int longest) =>
        text?.Length > 0 && text.Length <= longest && char.IsAsciiLetterOrDigit(text[0])
        && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '=');
}
