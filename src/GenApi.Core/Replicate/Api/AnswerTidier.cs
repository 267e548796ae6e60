using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using GenApi.Core.Replicate.Outputs;
using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Api;

/// <summary>
/// Copies JSON piece by piece and repairs what would otherwise make the whole answer unreadable: bytes that are not UTF-8, raw control
/// characters, U+0000 and lone surrogates in a text, and numbers of any length. Containers nested deeper than <see cref="MostDepth"/>
/// become null. The reader judges everything else.
/// </summary>
internal sealed class AnswerTidier(SegmentedBuffer output)
{
    /// <summary>A little less than the default limit of JSON readers.</summary>
    public const int MostDepth = 60;

    /// <summary>The longest number; a longer one has no use.</summary>
    private const int LongestNumber = 128;

    private const int EscapeLength = 6;
    private const int LongestPiece = 64 * 1024;

    private static readonly SearchValues<byte> Marks = SearchValues.Create("{}[],:\" \t\r\n"u8);

    private readonly byte[] _bare = new byte[LongestNumber];
    private readonly byte[] _start = new byte[8];
    private SegmentedBuffer? _older, _newer;
    private int _bareLength;
    private int _startLength;
    private long _textLength;
    private int _depth;

    /// <summary>The depth inside the value of a member "input", or 0. The input is not cut: it is compared with what was sent.</summary>
    private int _inputDepth;
    private bool _isInputNext;
    private bool _isSpaced;
    private bool _isInText;

    /// <summary>The depth inside a container that is left out.</summary>
    private bool IsSkipping => _depth > MostDepth;

    /// <summary>Copies a piece.</summary>
    /// <returns>The number of bytes copied. Pass the rest, at most 15 bytes, again with what follows it.</returns>
    public int Write(ReadOnlySpan<byte> bytes, bool isLast)
    {
        var at = 0;
        while (at < bytes.Length)
        {
            var taken = _isInText ? InText(bytes[at..], isLast) : Outside(bytes[at..]);
            if (taken == 0)
                break;
            at += taken;
        }
        if (isLast)
            EndBare();
        return at;
    }

    private int Outside(ReadOnlySpan<byte> rest)
    {
        var mark = rest.IndexOfAny(Marks);
        if (mark != 0)
        {
            var bare = mark < 0 ? rest : rest[..mark];
            var room = _bare.AsSpan(Math.Min(_bareLength, LongestNumber));
            bare[..Math.Min(bare.Length, room.Length)].CopyTo(room);
            _bareLength = Math.Min(_bareLength + bare.Length, LongestNumber + 1);
            return bare.Length;
        }
        EndBare();
        switch (rest[0])
        {
            case (byte)'"':
                _isInText = true;
                (_startLength, _textLength, _isInputNext) = (0, 0, false);
                Put(rest[..1]);
                break;
            case (byte)'{' or (byte)'[':
                _inputDepth = _isInputNext && _inputDepth == 0 ? _depth + 1 : _inputDepth;
                _isInputNext = false;
                if (++_depth == MostDepth + 1)
                    output.Write("null"u8);
                else
                    Put(rest[..1]);
                break;
            case (byte)'}' or (byte)']':
                Put(rest[..1]);
                if (_depth-- == _inputDepth)
                    _inputDepth = 0;
                break;
            case (byte)':':
                _isInputNext = _textLength == _startLength && _start.AsSpan(0, _startLength).SequenceEqual("input"u8);
                Put(rest[..1]);
                break;
            case (byte)',':
                Put(rest[..1]);
                break;
            default:
                if (!_isSpaced)
                    Put(" "u8);
                _isSpaced = true;
                return 1;
        }
        _isSpaced = false;
        return 1;
    }

    private int InText(ReadOnlySpan<byte> rest, bool isLast)
    {
        switch (rest[0])
        {
            case (byte)'"':
                _isInText = false;
                EndCut();
                Put(rest[..1]);
                return 1;
            case (byte)'\\':
                return Escape(rest, isLast);
        }
        var end = rest.IndexOfAny((byte)'"', (byte)'\\');
        var run = end < 0 ? rest : rest[..end];
        if (end < 0 && !isLast)
            run = run[..^Unfinished(run)];
        // In pieces, so that a long text in one piece has a beginning too.
        if (run.Length > LongestPiece)
            run = run[..(LongestPiece - Unfinished(run[..LongestPiece]))];
        if (!run.IsEmpty)
            PutText(run);
        return run.Length;
    }

    /// <summary>The length of an escape; zero while it is incomplete.</summary>
    private int Escape(ReadOnlySpan<byte> rest, bool isLast)
    {
        if (rest.Length < 2 * EscapeLength && !isLast)
            return 0;
        var length = CodeUnit(rest) is not { } unit ? Math.Min(2, rest.Length)
            : char.IsHighSurrogate(unit) && CodeUnit(rest[EscapeLength..]) is { } low && char.IsLowSurrogate(low) ? 2 * EscapeLength
            : EscapeLength;
        // A lone surrogate is not a character; Python writes bytes that are not UTF-8 like that into logs. U+0000 is none that every
        // database stores. Their escapes stay visible as text.
        if (length == EscapeLength && CodeUnit(rest) is { } half && (char.IsSurrogate(half) || half == '\0'))
            PutUnit([(byte)'\\', .. rest[..length]]);
        else
            PutUnit(rest[..length]);
        return length;
    }

    private static char? CodeUnit(ReadOnlySpan<byte> escape) =>
        escape.Length >= EscapeLength && escape.StartsWith("\\u"u8)
        && ushort.TryParse(escape[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit)
            ? (char)unit
            : null;

    /// <summary>Counts the bytes at the end that begin an incomplete character.</summary>
    private static int Unfinished(ReadOnlySpan<byte> run)
    {
        for (var back = 1; back <= Math.Min(3, run.Length); back++)
        {
            var lead = run[^back];
            if ((lead & 0xC0) == 0x80)
                continue;
            return lead >= 0xF0 && back < 4 || lead >= 0xE0 && back < 3 || lead >= 0xC0 && back < 2 ? back : 0;
        }
        return 0;
    }

    private void PutText(ReadOnlySpan<byte> run)
    {
        if (IsSkipping)
            return;
        if (Utf8.IsValid(run) && !run.ContainsAnyInRange((byte)0, (byte)0x1F))
        {
            PutUnit(run);
            return;
        }
        var readable = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(run));
        foreach (ref var each in readable.AsSpan())
        {
            if (each < 0x20)
                each = (byte)' ';
        }
        PutUnit(readable);
    }

    /// <summary>
    /// Copies whole characters and escapes. It leaves the middle out of a text longer than <see cref="LongText.Longest"/>, such as a log. A
    /// data URI is a file and stays whole.
    /// </summary>
    private void PutUnit(ReadOnlySpan<byte> unit)
    {
        if (IsSkipping)
            return;
        var taken = Math.Min(unit.Length, _start.Length - _startLength);
        unit[..taken].CopyTo(_start.AsSpan(_startLength));
        _startLength += taken;
        _textLength += unit.Length;
        var isFile = Ascii.EqualsIgnoreCase(_start.AsSpan(0, DataUri.Scheme.Length), DataUri.Scheme);
        if (_textLength <= LongText.Longest || _inputDepth > 0 || isFile)
        {
            output.Write(unit);
            return;
        }
        if (_newer is null || _newer.Length >= LongText.TailBytes)
        {
            _older?.Dispose();
            (_older, _newer) = (_newer, new SegmentedBuffer());
        }
        _newer.Write(unit);
    }

    private void EndCut()
    {
        if (_newer is null)
            return;
        output.Write("…"u8);
        output.Write(_older);
        output.Write(_newer);
        (_older, _newer) = (null, null);
    }

    private void EndBare()
    {
        if (_bareLength > LongestNumber)
            Put("null"u8);
        else if (_bareLength > 0)
            Put(_bare.AsSpan(0, _bareLength));
        if (_bareLength > 0)
            _isSpaced = false;
        _bareLength = 0;
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (!IsSkipping)
            output.Write(bytes);
    }
}
