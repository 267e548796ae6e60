using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace GenApi.Core.Models.Canonical;

/// <summary>
/// Writes one spelling for each number, derived from its digits: without binary fractions, so nothing beyond 2^53 or the 17th digit is
/// lost.
/// </summary>
internal static class CanonicalNumber
{
    /// <summary>From here on, up or down, an exponent is written.</summary>
    private const int MostZeros = 21;

    /// <summary>Writes <paramref name="raw"/>, a number as JSON allows it.</summary>
    public static void Write(ReadOnlySpan<byte> raw, IBufferWriter<byte> output)
    {
        if (IsPlainInteger(raw))
        {
            output.Write(raw);
            return;
        }
        var negative = raw[0] == '-';
        var rest = negative ? raw[1..] : raw;
        var e = rest.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = e < 0 ? rest : rest[..e];
        if (!TryExponent(e < 0 ? [] : rest[(e + 1)..], out var exponent))
        {
            // Beyond 9 digits, no two spellings of one number need to be equal.
            output.Write(mantissa.IndexOfAnyExcept((byte)'0', (byte)'.') < 0 ? "0"u8 : raw);
            return;
        }
        var point = mantissa.IndexOf((byte)'.');
        var digits = new byte[mantissa.Length];
        var count = 0;
        foreach (var digit in mantissa)
        {
            if (digit != '.')
                digits[count++] = digit;
        }
        exponent -= point < 0 ? 0 : mantissa.Length - point - 1;
        var significant = digits.AsSpan(0, count).TrimStart((byte)'0');
        var trimmed = significant.TrimEnd((byte)'0');
        exponent += significant.Length - trimmed.Length;
        if (trimmed.IsEmpty)
        {
            output.Write("0"u8);
            return;
        }
        if (negative)
            output.Write("-"u8);
        Spell(trimmed, exponent, output);
    }

    /// <summary>Writes <paramref name="digits"/> × 10^<paramref name="exponent"/>; the digits have no zero at either end.</summary>
    private static void Spell(ReadOnlySpan<byte> digits, long exponent, IBufferWriter<byte> output)
    {
        var beforePoint = digits.Length + exponent;
        if (exponent is >= 0 and <= MostZeros)
        {
            output.Write(digits);
            Zeros(exponent, output);
        }
        else if (exponent < 0 && beforePoint > 0)
        {
            output.Write(digits[..(int)beforePoint]);
            output.Write("."u8);
            output.Write(digits[(int)beforePoint..]);
        }
        else if (exponent < 0 && beforePoint > -MostZeros)
        {
            output.Write("0."u8);
            Zeros(-beforePoint, output);
            output.Write(digits);
        }
        else
        {
            output.Write(digits);
            output.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"e{exponent}")));
        }
    }

    private static void Zeros(long count, IBufferWriter<byte> output)
    {
        if (count <= 0)
            return;
        output.GetSpan((int)count)[..(int)count].Fill((byte)'0');
        output.Advance((int)count);
    }

    /// <summary>Returns whether the number is canonical as it stands.</summary>
    public static bool IsPlainInteger(ReadOnlySpan<byte> raw)
    {
        var digits = raw[0] == '-' ? raw[1..] : raw;
        // A million written out and 1e6 must be equal; numbers with many trailing zeros take the slow path.
        return digits.IndexOfAnyExceptInRange((byte)'0', (byte)'9') < 0
            && digits.Length <= MostZeros
            && (digits[0] != '0' || raw[0] != '-');
    }

    private static bool TryExponent(ReadOnlySpan<byte> text, out long exponent)
    {
        exponent = 0;
        if (text.IsEmpty)
            return true;
        var negative = text[0] == '-';
        var digits = text[0] is (byte)'-' or (byte)'+' ? text[1..] : text;
        digits = digits.TrimStart((byte)'0');
        if (digits.Length > 9)
            return false;
        if (!digits.IsEmpty && !Utf8Parser.TryParse(digits, out exponent, out _))
            return false;
        exponent = negative ? -exponent : exponent;
        return true;
    }
}
