using System.Globalization;
using System.Numerics;

namespace GenApi.Sandbox.Painting;

/// <summary>
/// Writes the prompt and the seed on a picture, so that people can tell two pictures apart and mistake none for the real thing.
/// </summary>
internal static class Caption
{
    private const int MaxLines = 3;
    private const float LineHeight = 11;

    public static void Write(Canvas canvas, Picture picture)
    {
        var unit = Math.Max(1.25f, Math.Min(canvas.Width, canvas.Height) / 250f);
        var margin = unit * 10;
        var lines = Wrap(picture.Prompt, (canvas.Width - 2 * margin) / unit);
        var small = unit * 0.72f;
        var facts = Fit(
            string.Create(
                CultureInfo.InvariantCulture, $"seed {picture.Seed} · {picture.Width} × {picture.Height} · {picture.Model} · sandbox"),
            (canvas.Width - 2 * margin) / small);
        var textHeight = (lines.Count * LineHeight * unit) + 10 * small;
        var top = Math.Max(0, (int)(canvas.Height - textHeight - margin - unit));
        var fade = (int)(margin * 2.2f);
        Darken(canvas, top - fade, fade);

        var coverage = new float[canvas.Width * (canvas.Height - top)];
        for (var i = 0; i < lines.Count; i++)
            StrokeFont.Draw(coverage, canvas.Width, lines[i], new Vector2(margin, unit + i * LineHeight * unit), unit);
        StrokeFont.Draw(coverage, canvas.Width, facts, new Vector2(margin, unit + lines.Count * LineHeight * unit + small), small);
        for (var i = 0; i < coverage.Length; i++)
        {
            if (coverage[i] > 0)
                canvas.Blend(i % canvas.Width, top + i / canvas.Width, Vector3.One, coverage[i] * 0.95f);
        }
    }

    /// <summary>Fades from transparent at the top to a dark ground under the text.</summary>
    private static void Darken(Canvas canvas, int from, int fade)
    {
        for (var y = Math.Max(0, from); y < canvas.Height; y++)
        {
            var strength = 0.62f * Noise.Step(0, fade, y - from);
            for (var x = 0; x < canvas.Width; x++)
                canvas.Blend(x, y, new Vector3(0.02f, 0.02f, 0.05f), strength);
        }
    }

    /// <summary>
    /// Breaks a text into lines. Reads no further than the last line it returns and measures no word beyond the width: a prompt may be one
    /// word of megabytes.
    /// </summary>
    private static List<string> Wrap(ReadOnlySpan<char> prompt, float width)
    {
        var lines = new List<string>();
        var line = "";
        for (prompt = prompt.TrimStart(); !prompt.IsEmpty; prompt = prompt.TrimStart())
        {
            var word = prompt[..WordLength(prompt)];
            prompt = prompt[word.Length..];
            var fitting = Fit(word, width);
            var longer = line.Length == 0 ? fitting : $"{line} {fitting}";
            if (StrokeFont.Measure(longer) <= width)
            {
                line = longer;
                continue;
            }
            if (line.Length > 0)
                lines.Add(line);
            line = fitting;
            if (lines.Count == MaxLines)
            {
                lines[^1] = Fit(lines[^1] + " ...", width);
                return lines;
            }
        }
        if (line.Length > 0)
            lines.Add(Fit(line, width));
        return lines;
    }

    private static int WordLength(ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && !char.IsWhiteSpace(text[length]))
            length++;
        return length;
    }

    private static string Fit(ReadOnlySpan<char> text, float width)
    {
        var fitting = StrokeFont.CountWithin(text, width);
        if (fitting == text.Length)
            return text.ToString();
        fitting = Math.Max(1, StrokeFont.CountWithin(text[..fitting], width - StrokeFont.Measure("...")));
        return $"{text[..fitting]}...";
    }
}
