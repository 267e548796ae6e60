using System.Numerics;

namespace GenApi.Sandbox.Painting;

/// <summary>Stars, a nebula, a planet with weather and perhaps rings, and a moon.</summary>
internal static class SpaceScene
{
    private sealed record Globe(Vector2 Centre, float Radius, Vector3 Sun, Vector3 Dark, Vector3 Bright, float Bands, uint Seed);

    public static void Paint(Canvas canvas, Palette palette, Dice dice)
    {
        var unit = Math.Min(canvas.Width, canvas.Height);
        var seed = (uint)dice.Next();
        var angle = dice.Between(0, MathF.Tau);
        var sun = Vector3.Normalize(new Vector3(MathF.Cos(angle), MathF.Sin(angle), dice.Between(0.25f, 0.8f)));
        var planet = new Globe(
            new Vector2(canvas.Width * dice.Between(0.3f, 0.7f), canvas.Height * dice.Between(0.32f, 0.58f)),
            unit * dice.Between(0.2f, 0.33f),
            sun,
            palette.Far,
            Vector3.Lerp(palette.Horizon, palette.Light, 0.35f),
            dice.Between(2, 9),
            seed);
        var moon = planet with
        {
            Centre = planet.Centre
                + new Vector2(dice.Chance(0.5f) ? -1 : 1, dice.Between(-0.9f, -0.3f)) * planet.Radius * dice.Between(1.25f, 1.6f),
            Radius = planet.Radius * dice.Between(0.09f, 0.2f),
            Dark = palette.Sky,
            Bright = palette.Light,
            Bands = 0.5f,
            Seed = seed + 100,
        };
        PaintSky(canvas, palette.Dark ? palette : Night(palette), seed, dice.Between(0.4f, 0.55f));
        var tilt = dice.Chance(0.55f) ? dice.Between(0.18f, 0.4f) : 0;
        if (tilt > 0)
            PaintRings(canvas, palette, planet, tilt, front: false);
        PaintGlobe(canvas, palette, planet);
        if (tilt > 0)
            PaintRings(canvas, palette, planet, tilt, front: true);
        PaintGlobe(canvas, palette, moon);
    }

    /// <summary>Darkens the palette: space is dark even for a bright prompt. Planet and moon keep the colours.</summary>
    private static Palette Night(Palette palette) => palette with
    {
        Zenith = palette.Zenith * 0.14f,
        Near = palette.Near * 0.12f,
        Sky = palette.Sky * 0.45f,
        Horizon = palette.Horizon * 0.6f,
    };

    private static void PaintSky(Canvas canvas, Palette palette, uint seed, float threshold)
    {
        var octaves = canvas.IsSmall ? 3 : 6;
        var gas = new NoiseField(canvas, 2.4f, 2.4f, octaves, seed);
        var dust = new NoiseField(canvas, 3.5f, 3.5f, octaves, seed + 31);
        var warp = new NoiseField(canvas, 2, 2, 3, seed + 57);
        for (var y = 0; y < canvas.Height; y++)
        {
            for (var x = 0; x < canvas.Width; x++)
            {
                var bend = (warp.At(x, y) - 0.5f) * canvas.Width * 0.5f;
                var glow = Noise.Step(threshold, threshold + 0.3f, gas.At(x + bend, y - bend));
                var colour = Vector3.Lerp(palette.Near, palette.Zenith, (float)y / canvas.Height);
                colour = Vector3.Lerp(colour, Vector3.Lerp(palette.Sky, palette.Horizon, dust.At(x - bend, y)), glow * 0.75f);
                colour *= 1 - 0.6f * Noise.Step(0.5f, 0.72f, dust.At(x + bend * 0.4f, y + bend));
                var star = Noise.At(x, y, seed + 7);
                if (star > 0.9965f)
                    colour = Vector3.Lerp(colour, Vector3.One, MathF.Pow((star - 0.9965f) / 0.0035f, 3));
                canvas.Set(x, y, colour);
            }
        }
    }

    private static void PaintGlobe(Canvas canvas, Palette palette, Globe globe)
    {
        var reach = globe.Radius * 1.14f;
        for (var y = Math.Max(0, (int)(globe.Centre.Y - reach)); y < Math.Min(canvas.Height, globe.Centre.Y + reach); y++)
        {
            for (var x = Math.Max(0, (int)(globe.Centre.X - reach)); x < Math.Min(canvas.Width, globe.Centre.X + reach); x++)
            {
                var at = (new Vector2(x, y) - globe.Centre) / globe.Radius;
                var distance = at.Length();
                if (distance >= 1)
                {
                    // The atmosphere: a thin glow on the sunny side.
                    var side = Math.Clamp(Vector2.Dot(at, new Vector2(globe.Sun.X, globe.Sun.Y)) + 0.35f, 0, 1);
                    canvas.Blend(x, y, palette.Horizon, MathF.Exp(-(distance - 1) * 26) * side * 0.7f);
                    continue;
                }
                var normal = new Vector3(at, MathF.Sqrt(1 - distance * distance));
                var warp = Noise.Fractal(normal.X * 2.5f + 5, normal.Y * 2.5f, canvas.IsSmall ? 2 : 5, globe.Seed + 3);
                var weather = Noise.Fractal(
                    normal.X * 1.4f + warp * 1.6f, normal.Y * globe.Bands + warp * 1.2f, canvas.IsSmall ? 2 : 4, globe.Seed);
                var light = Math.Clamp(Vector3.Dot(normal, globe.Sun), 0, 1);
                var rim = MathF.Pow(1 - normal.Z, 3) * light;
                var colour = Vector3.Lerp(globe.Dark, globe.Bright, Noise.Step(0.25f, 0.75f, weather)) * (0.04f + 1.05f * light)
                    + palette.Horizon * rim * 0.5f;
                canvas.Blend(x, y, colour, Math.Clamp((1 - distance) * globe.Radius, 0, 1));
            }
        }
    }

    private static void PaintRings(Canvas canvas, Palette palette, Globe planet, float tilt, bool front)
    {
        var (inner, outer) = (planet.Radius * 1.3f, planet.Radius * 2.1f);
        var top = (int)(front ? planet.Centre.Y : planet.Centre.Y - outer * tilt);
        var bottom = front ? planet.Centre.Y + outer * tilt : planet.Centre.Y;
        for (var y = Math.Max(0, top); y < Math.Min(canvas.Height, bottom); y++)
        {
            for (var x = Math.Max(0, (int)(planet.Centre.X - outer)); x < Math.Min(canvas.Width, planet.Centre.X + outer); x++)
            {
                var at = new Vector2(x - planet.Centre.X, (y - planet.Centre.Y) / tilt);
                var share = (at.Length() - inner) / (outer - inner);
                if (share is < 0 or > 1)
                    continue;
                var band = Noise.Fractal(share * 9, 1, 3, planet.Seed + 9);
                var edge = Noise.Step(0, 0.06f, share) * Noise.Step(1, 0.9f, share);
                canvas.Blend(x, y, Vector3.Lerp(palette.Sky, palette.Light, band), edge * Noise.Step(0.2f, 0.75f, band) * 0.85f);
            }
        }
    }
}
