using System.Diagnostics.CodeAnalysis;

namespace GenApi.Core.Persistence;

/// <summary>
/// Formats ids for callers: a prefix (<c>gen_</c>, <c>img_</c>, <c>fil_</c>, <c>upl_</c>, <c>msg_</c>, <c>key_</c>, <c>bat_</c>) and the
/// 26 characters of Crockford's base32 of a UUIDv7. So ids also sort by time as text.
/// </summary>
public static class PublicId
{
    public const string Generation = "gen_";
    public const string Image = "img_";
    public const string File = "fil_";
    public const string Upload = "upl_";
    public const string Message = "msg_";
    public const string Key = "key_";

    /// <summary>Generations that one request of a door became.</summary>
    public const string Batch = "bat_";

    /// <summary>A variant of an image. Only the operator sees it, in the report of <c>fsck</c>.</summary>
    public const string Variant = "var_";

    /// <summary>The number of characters after the prefix.</summary>
    public const int Digits = 26;

    private static readonly (string Prefix, string Kind)[] Kinds =
    [
        (Generation, "a generation"), (Image, "an image"), (File, "a file"), (Upload, "an upload"), (Message, "a webhook message"),
        (Key, "an API key"), (Batch, "a batch of images"),
    ];

    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    public static string Format(string prefix, Guid id) => string.Create(prefix.Length + Digits, (prefix, id), static (span, state) =>
    {
        state.prefix.CopyTo(span);
        Span<byte> bytes = stackalloc byte[16];
        state.id.TryWriteBytes(bytes, bigEndian: true, out _);
        var value = System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(bytes);
        for (var at = span.Length - 1; at >= state.prefix.Length; at--)
        {
            span[at] = Alphabet[(int)(value & 31)];
            value >>= 5;
        }
    });

    /// <summary>Reads an id.</summary>
    /// <returns>False for another prefix, another length, a character outside the alphabet, or a value above 128 bits.</returns>
    public static bool TryParse(string prefix, [NotNullWhen(true)] string? text, out Guid id)
    {
        id = default;
        if (text is null || text.Length != prefix.Length + Digits || !text.StartsWith(prefix, StringComparison.Ordinal))
            return false;
        // 26 digits of 5 bits are 130: the first may only use three of its five.
        if (text[prefix.Length] > '7')
            return false;
        UInt128 value = 0;
        foreach (var digit in text.AsSpan(prefix.Length))
        {
            var bits = Alphabet.IndexOf(digit, StringComparison.Ordinal);
            if (bits < 0)
                return false;
            value = (value << 5) | (uint)bits;
        }
        Span<byte> bytes = stackalloc byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(bytes, value);
        id = new Guid(bytes, bigEndian: true);
        return true;
    }

    /// <summary>
    /// Names the kind of an id by its prefix, such as "an image"; null for a text without a known prefix. The id need not be complete.
    /// </summary>
    public static string? KindOf(string text) =>
        Array.Find(Kinds, each => text.StartsWith(each.Prefix, StringComparison.OrdinalIgnoreCase)).Kind;

    /// <summary>Returns whether the text is the id of an image or an upload, whose bytes are stored here.</summary>
    public static bool NamesFile([NotNullWhen(true)] string? text) => TryParse(Image, text, out _) || TryParse(Upload, text, out _);
}
