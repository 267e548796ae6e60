using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GenApi.Core.Models.Canonical;

/// <summary>
/// Writes one text for all JSON texts with the same meaning: members sorted by name (ordinal, UTF-8), no whitespace, one form per number
/// (1, 1.0 and 1e0 are 1; no digit is ever rounded away), the fewest escapes in strings. Text is not normalised otherwise: é as one code
/// point and as two are different prompts. Half a surrogate pair stays, as an escape. The last of two members with the same name counts, as
/// for most readers.
/// </summary>
public static class CanonicalJson
{
    private static readonly SearchValues<char> PlainLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    public static string Write(JsonElement element)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        Write(element, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static string Write(IEnumerable<KeyValuePair<string, JsonElement>> members)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        Write(members, buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Computes the SHA-256 of the text in UTF-8. The text itself, which may be megabytes, is never assembled.</summary>
    public static byte[] Hash(JsonElement element)
    {
        using var hash = new HashWriter();
        Write(element, hash);
        return hash.End();
    }

    /// <summary>Writes the members as one object.</summary>
    public static void Write(IEnumerable<KeyValuePair<string, JsonElement>> members, IBufferWriter<byte> output)
    {
        var sorted = members.ToArray();
        Array.Sort(sorted, static (a, b) => string.CompareOrdinal(a.Key, b.Key));
        output.Write("{"u8);
        for (var at = 0; at < sorted.Length; at++)
        {
            output.Write(at == 0 ? "\""u8 : ",\""u8);
            WriteName(sorted[at].Key, output);
            output.Write("\":"u8);
            Write(sorted[at].Value, output);
        }
        output.Write("}"u8);
    }

    public static void Write(JsonElement element, IBufferWriter<byte> output)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(element, output);
                break;
            case JsonValueKind.Array:
                output.Write("["u8);
                var first = true;
                foreach (var item in element.EnumerateArray())
                {
                    if (!first)
                        output.Write(","u8);
                    first = false;
                    Write(item, output);
                }
                output.Write("]"u8);
                break;
            case JsonValueKind.String:
                output.Write("\""u8);
                CanonicalText.Write(JsonMarshal.GetRawUtf8Value(element)[1..^1], output);
                output.Write("\""u8);
                break;
            case JsonValueKind.Number:
                CanonicalNumber.Write(JsonMarshal.GetRawUtf8Value(element), output);
                break;
            default:
                output.Write(JsonMarshal.GetRawUtf8Value(element));
                break;
        }
    }

    /// <summary>Returns whether both have the same meaning, however they are spelled.</summary>
    public static bool AreEqual(JsonElement one, JsonElement other)
    {
        if (one.ValueKind != other.ValueKind)
            return false;
        var raw = JsonMarshal.GetRawUtf8Value(one);
        var otherRaw = JsonMarshal.GetRawUtf8Value(other);
        if (raw.SequenceEqual(otherRaw))
            return true;
        if (IsCanonical(one.ValueKind, raw) && IsCanonical(other.ValueKind, otherRaw))
            return false;
        var left = new ArrayBufferWriter<byte>();
        var right = new ArrayBufferWriter<byte>();
        Write(one, left);
        Write(other, right);
        return left.WrittenSpan.SequenceEqual(right.WrittenSpan);
    }

    /// <summary>Recognises canonical values at a glance, because every request compares values with lists of allowed ones.</summary>
    private static bool IsCanonical(JsonValueKind kind, ReadOnlySpan<byte> raw) => kind switch
    {
        JsonValueKind.String => !raw.Contains((byte)'\\'),
        JsonValueKind.Number => CanonicalNumber.IsPlainInteger(raw),
        JsonValueKind.Object or JsonValueKind.Array => false,
        _ => true,
    };

    private static void WriteName(string name, IBufferWriter<byte> output)
    {
        if (name.AsSpan().IndexOfAnyExcept(PlainLetters) < 0)
            Encoding.UTF8.GetBytes(name, output);
        else
            CanonicalText.Write(JsonEncodedText.Encode(name).EncodedUtf8Bytes, output);
    }

    private static void WriteObject(JsonElement element, IBufferWriter<byte> output)
    {
        // By its final name, so that "a" and "\u0061" are the same member.
        var members = new SortedDictionary<byte[], JsonElement>(ByBytes.Order);
        var name = new ArrayBufferWriter<byte>();
        foreach (var member in element.EnumerateObject())
        {
            name.ResetWrittenCount();
            CanonicalText.Write(JsonMarshal.GetRawUtf8PropertyName(member), name);
            members[name.WrittenSpan.ToArray()] = member.Value;
        }
        output.Write("{"u8);
        var first = true;
        foreach (var (key, value) in members)
        {
            output.Write(first ? "\""u8 : ",\""u8);
            first = false;
            output.Write(key);
            output.Write("\":"u8);
            Write(value, output);
        }
        output.Write("}"u8);
    }

    /// <summary>Hashes what is written, window by window.</summary>
    private sealed class HashWriter : IBufferWriter<byte>, IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private byte[] _window = new byte[4 << 10];
        private int _used;

        public void Advance(int count) => _used += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_window.Length - _used < Math.Max(1, sizeHint))
                Flush(sizeHint);
            return _window.AsMemory(_used);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public byte[] End()
        {
            Flush(0);
            return _hash.GetHashAndReset();
        }

        public void Dispose() => _hash.Dispose();

        private void Flush(int needed)
        {
            _hash.AppendData(_window.AsSpan(0, _used));
            _used = 0;
            if (_window.Length < needed)
                _window = new byte[needed];
        }
    }

    private sealed class ByBytes : IComparer<byte[]>
    {
        public static readonly ByBytes Order = new();

        public int Compare(byte[]? x, byte[]? y) => x.AsSpan().SequenceCompareTo(y);
    }
}
