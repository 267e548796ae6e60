using System.Numerics;

namespace GenApi.Sandbox.Painting;

/// <summary>Paints poured and stirred colour: noise distorted by noise, lit from the upper left.</summary>
internal static class AbstractScene
{
    public static void Paint(Canvas canvas, Palette palette, Dice dice)
    {
        var octaves = canvas.IsSmall ? 3 : 5;
        var seed = (uint)dice.Next();
        var (stirred, folded, colours) = (
            new NoiseField(canvas, 1.7f, 1.7f, octaves, seed),
            new NoiseField(canvas, 1.7f, 1.7f, octaves, seed + 41),
            new NoiseField(canvas, dice.Between(1.6f, 3), dice.Between(1.6f, 3), octaves, seed + 83));
        var bend = Math.Min(canvas.Width, canvas.Height) * dice.Between(0.7f, 1.3f);
        var bands = dice.Between(1.2f, 2.6f);
        for (var y = 0; y < canvas.Height; y++)
        {
            var before = 0f;
            for (var x = 0; x < canvas.Width; x++)
            {
                var (a, b) = (stirred.At(x, y) - 0.5f, folded.At(x, y) - 0.5f);
                var height = colours.At(Mirror(x + a * bend, canvas.Width), Mirror(y + b * bend, canvas.Height)) + a * 0.35f;
                // The ramp runs to and fro, so that neighbouring bands always meet in the same colour.
                var at = MathF.Abs((height * bands * 2 + 0.6f) % 2 - 1);
                var light = x == 0 ? 0 : Math.Clamp((height - before) * canvas.Width * 0.09f, -0.35f, 0.35f);
                before = height;
                var vein = Noise.Step(0.03f, 0, MathF.Abs(at - 0.5f)) * 0.35f;
                canvas.Set(x, y, Vector3.Lerp(palette.Ramp(at) * (1 + light), palette.Light, vein));
            }
        }
    }

    private static float Mirror(float value, float size)
    {
        value = MathF.Abs(value) % (2 * size);
        return value > size ? 2 * size - value : value;
    }
}
