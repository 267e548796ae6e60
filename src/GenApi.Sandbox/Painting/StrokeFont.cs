using System.Numerics;

namespace GenApi.Sandbox.Painting;

/// <summary>
/// Draws text with strokes, because a bare machine has no fonts. Letters are strokes on a grid: capitals reach from 0 to 6, small letters
/// from 2 to 6, descenders to 8. Two digits are a point; a bar ends a stroke; a tilde makes it round.
/// </summary>
internal static class StrokeFont
{
    private const string Capitals =
        "A06 20 46|14 34 B00 06|~00 20 40 43 23 03|~03 23 43 46 26 06 C~41 40 20 00 03 06 26 46 45 D00 06|~00 20 40 43 46 26 06 "
        + "E40 00 06 46|03 33 F40 00 06|03 33 G~41 40 20 00 03 06 26 46 44 43|43 23 H00 06|40 46|03 43 I00 20|10 16|06 26 "
        + "J~30 33 36 16 06 04 K00 06|40 03 46 L00 06 36 M06 00 23 40 46 N06 00 46 40 O~20 00 03 06 26 46 43 40 20 "
        + "P00 06|~00 20 40 43 23 03 Q~20 00 03 06 26 46 43 40 20|34 47 R00 06|~00 20 40 43 23 03|23 46 "
        + "S~41 40 20 00 03 43 46 26 06 05 T00 40|20 26 U~00 03 06 26 46 43 40 V00 26 40 W00 16 22 36 40 X00 46|40 06 "
        + "Y00 23 40|23 26 Z00 40 06 46";

    private const string Smalls =
        "a~02 22 32 33 36|~34 14 04 06 16 36 b00 06|~03 02 22 32 34 36 26 06 05 c~33 32 12 02 04 06 16 36 35 "
        + "d30 36|~33 32 12 02 04 06 16 36 35 e~04 34 32 12 02 04 06 16 36 35 f~30 20 10 12|11 16|02 22 "
        + "g~33 32 12 02 04 06 16 36 35|~32 36 38 18 08 h00 06|~04 02 22 32 34 36 i02 06|00 00 j~12 17 18 08|10 10 "
        + "k00 06|32 04 36 l00 06 m02 06|~04 02 12 22 24 26|~24 22 32 42 44 46 n02 06|~04 02 22 32 34 36 "
        + "o~12 02 04 06 26 36 34 32 12 p02 08|~03 02 22 32 34 36 16 06 05 q32 38|~33 32 12 02 04 06 16 36 35 r02 06|~04 02 12 22 "
        + "s~33 32 12 02 04 34 36 16 06 05 t~10 15 16 26|02 22 u~02 04 06 16 36 34|32 36 v02 26 42 w02 16 23 36 42 x02 36|32 06 "
        + "y02 25|42 08 z02 32 06 36";

    private const string Signs =
        "0~20 00 03 06 26 46 43 40 20 101 10 16|06 26 2~01 00 20 40 42 06|06 46 3~01 00 20 40 43 23|~23 43 46 26 06 05 "
        + "436 30 04 44 540 00 02|~02 32 42 46 26 06 05 6~41 40 20 00 03 06 26 46 43 23 03 700 40 16 "
        + "8~20 00 03 23 43 40 20|~23 03 06 26 46 43 23 9~05 06 26 46 43 40 20 00 03 23 43 .06 06 ,16 07 !00 04|06 06 "
        + "?~01 00 20 40 43 23 24|26 26 -03 23 '00 01 \"00 01|20 21 :03 03|06 06 ;13 13|16 07 (~20 00 03 06 26 )~00 20 23 26 06 "
        + "/06 30 +03 43|21 25 &~46 02 00 20 22 04 06 26 43 #10 16|30 36|02 42|04 44 *21 25|12 34|32 14 =02 32|04 34 _06 46 "
        + "%40 06|00 00|46 46 ×03 36|33 06 ·04 04 □00 40 46 06 00";

    /// <summary>Accented letters and typographic signs; the string below has the substitute of each.</summary>
    private const string Marked = "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÕÖØÙÚÛÜÝßàáâãäåæçèéêëìíîïñòóôõöøùúûüýÿ‘’“”–—…`´[]{}";
    private const string Plain = "AAAAAAACEEEEIIIINOOOOOOUUUUYsaaaaaaaceeeeiiiinoooooouuuuyy''\"\"--.''()()";

    private static readonly Dictionary<char, Vector2[][]> Glyphs = Parse($"{Capitals} {Smalls} {Signs}");

    /// <summary>Width of a text in units of the grid; a letter is six units high.</summary>
    public static float Measure(ReadOnlySpan<char> text)
    {
        var width = 0f;
        foreach (var letter in text)
            width += Advance(letter);
        return width;
    }

    /// <summary>Counts the leading letters that fit into a width. Reads at most one letter that does not.</summary>
    public static int CountWithin(ReadOnlySpan<char> text, float width)
    {
        var used = 0f;
        for (var count = 0; count < text.Length; count++)
        {
            used += Advance(text[count]);
            if (used > width)
                return count;
        }
        return text.Length;
    }

    /// <param name="coverage">Receives how much of each pixel is ink, 0 to 1; rows of <paramref name="width"/>.</param>
    /// <param name="width">The width of the coverage.</param>
    /// <param name="text">The text.</param>
    /// <param name="origin">Upper left corner of the first capital.</param>
    /// <param name="unit">Pixels per unit of the grid.</param>
    public static void Draw(float[] coverage, int width, ReadOnlySpan<char> text, Vector2 origin, float unit)
    {
        foreach (var letter in text)
        {
            if (letter != ' ')
            {
                foreach (var stroke in Glyph(letter))
                {
                    for (var i = 1; i < stroke.Length; i++)
                        Line(coverage, width, origin + stroke[i - 1] * unit, origin + stroke[i] * unit, unit * 0.42f);
                }
            }
            origin.X += Advance(letter) * unit;
        }
    }

    private static Vector2[][] Glyph(char letter)
    {
        if (Glyphs.TryGetValue(letter, out var strokes))
            return strokes;
        var marked = Marked.IndexOf(letter, StringComparison.Ordinal);
        return Glyphs[marked < 0 ? '□' : Plain[marked]];
    }

    private static float Advance(char letter) => letter == ' ' ? 2.8f : Glyph(letter).Max(s => s.Max(p => p.X)) + 1.9f;

    /// <summary>Draws a line with round ends and an edge that is soft by one pixel.</summary>
    private static void Line(float[] coverage, int width, Vector2 from, Vector2 to, float radius)
    {
        var height = coverage.Length / width;
        var along = to - from;
        var length = Math.Max(along.LengthSquared(), 1e-6f);
        var low = Vector2.Min(from, to) - new Vector2(radius + 1);
        var high = Vector2.Max(from, to) + new Vector2(radius + 1);
        for (var y = Math.Max(0, (int)low.Y); y <= Math.Min(height - 1, (int)high.Y); y++)
        {
            for (var x = Math.Max(0, (int)low.X); x <= Math.Min(width - 1, (int)high.X); x++)
            {
                var at = new Vector2(x + 0.5f, y + 0.5f);
                var nearest = from + along * Math.Clamp(Vector2.Dot(at - from, along) / length, 0, 1);
                var ink = Math.Clamp(radius + 0.5f - Vector2.Distance(at, nearest), 0, 1);
                ref var pixel = ref coverage[y * width + x];
                pixel = Math.Max(pixel, ink);
            }
        }
    }

    private static Dictionary<char, Vector2[][]> Parse(string alphabet)
    {
        var glyphs = new Dictionary<char, Vector2[][]>();
        var text = alphabet.AsSpan();
        while (!text.IsEmpty)
        {
            // A glyph's name is any character. Its strokes go on until a blank before the next name.
            var name = text[0];
            var end = 1;
            while (end < text.Length && !(text[end] == ' ' && !IsPoint(text[(end + 1)..])))
                end++;
            glyphs[name] = [.. text[1..end].ToString().Split('|').Select(Stroke)];
            text = text[Math.Min(text.Length, end + 1)..];
        }
        return glyphs;
    }

    private static bool IsPoint(ReadOnlySpan<char> text) =>
        text.Length >= 2 && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[1]) && (text.Length == 2 || text[2] is ' ' or '|');

    private static Vector2[] Stroke(string text)
    {
        var round = text[0] == '~';
        var points = text.TrimStart('~').Split(' ').Select(p => new Vector2(p[0] - '0', p[1] - '0')).ToArray();
        return round ? Rounded(Rounded(points)) : points;
    }

    /// <summary>Cuts every corner at a quarter of its sides (Chaikin); twice is round enough.</summary>
    private static Vector2[] Rounded(Vector2[] points)
    {
        var result = new List<Vector2> { points[0] };
        for (var i = 0; i + 1 < points.Length; i++)
        {
            result.Add(Vector2.Lerp(points[i], points[i + 1], 0.25f));
            result.Add(Vector2.Lerp(points[i], points[i + 1], 0.75f));
        }
        result.Add(points[^1]);
        return [.. result];
    }
}
