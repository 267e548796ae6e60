namespace GenApi.Sandbox.Painting;

internal enum TerrainKind
{
    Mountains,
    Hills,
    Dunes,
    Forest,
    City,
    Sea,
}

/// <summary>Draws the outlines of the ground, layer behind layer: the height at which a layer begins, for each column.</summary>
internal static class Terrain
{
    /// <param name="kind">What kind of ground.</param>
    /// <param name="canvas">Gives the size.</param>
    /// <param name="depth">0 is the farthest layer, 1 the nearest.</param>
    /// <param name="baseline">The mean height of the layer.</param>
    /// <param name="dice">The picture's dice.</param>
    public static float[] Outline(TerrainKind kind, Canvas canvas, float depth, float baseline, Dice dice)
    {
        var outline = new float[canvas.Width];
        var seed = (uint)dice.Next();
        var unit = Math.Min(canvas.Width, canvas.Height);
        var octaves = canvas.IsSmall ? 4 : 7;
        for (var x = 0; x < outline.Length; x++)
        {
            var at = (float)x / unit;
            outline[x] = baseline - unit * kind switch
            {
                TerrainKind.Mountains => Mountain(at, depth, octaves, seed),
                TerrainKind.Dunes => 0.16f * Noise.Fractal(at * (1.1f + depth), depth * 9, 2, seed) - 0.05f,
                TerrainKind.Forest => 0.20f * Noise.Fractal(at * 1.7f, depth * 9, 4, seed) - 0.04f,
                TerrainKind.City => 0.03f * Noise.Smooth(at * 2, 0, seed),
                TerrainKind.Sea => 0.17f * MathF.Max(0, Noise.Fractal(at * 1.6f, 3, octaves, seed) - 0.46f) * (1 - depth),
                _ => 0.24f * Noise.Fractal(at * 1.5f, depth * 9, 3, seed) - 0.07f,
            };
        }
        if (kind == TerrainKind.Forest)
            PlantTrees(outline, unit, depth, dice);
        if (kind == TerrainKind.City)
            RaiseHouses(outline, unit, depth, dice);
        return outline;
    }

    private static float Mountain(float at, float depth, int octaves, uint seed)
    {
        var ridge = 1 - MathF.Abs(2 * Noise.Fractal(at * (1.5f + depth), depth * 7, octaves, seed) - 1);
        return ridge * ridge * Noise.Mix(0.46f, 0.22f, depth) - Noise.Mix(0.18f, 0.06f, depth);
    }

    /// <summary>Spruces: triangles with steps, taller towards the viewer.</summary>
    private static void PlantTrees(float[] outline, int unit, float depth, Dice dice)
    {
        var height = unit * Noise.Mix(0.035f, 0.20f, depth * depth);
        var spacing = Math.Max(1.5f, height * 0.24f);
        for (var centre = -spacing; centre < outline.Length + spacing; centre += spacing * dice.Between(0.4f, 1.7f))
        {
            var top = height * dice.Between(0.55f, 1.2f);
            var half = top * dice.Between(0.16f, 0.23f);
            var column = (int)Math.Clamp(centre, 0, outline.Length - 1);
            var ground = outline[column] + height * 0.15f;
            for (var x = Math.Max(0, (int)(centre - half)); x <= Math.Min(outline.Length - 1, centre + half); x++)
            {
                var outward = MathF.Abs(x - centre) / half;
                // Boughs: the outline falls in steps, each hanging down a little at its end.
                var bough = outward * 5 % 1;
                outline[x] = MathF.Min(outline[x], ground - top * (1 - outward + (bough - 0.5f) * 0.10f));
            }
        }
    }

    private static void RaiseHouses(float[] outline, int unit, float depth, Dice dice)
    {
        for (var x = 0; x < outline.Length;)
        {
            var width = (int)(unit * dice.Between(0.03f, 0.085f) * (1 + depth)) + 1;
            var height = unit * dice.Between(0.05f, 0.34f) * Noise.Mix(1.25f, 0.75f, depth) * dice.Between(0.5f, 1);
            var (stepped, mast) = (dice.Chance(0.35f), dice.Chance(0.25f));
            for (var i = x; i < Math.Min(outline.Length, x + width); i++)
            {
                var inner = i > x + width / 4 && i < x + width - width / 4;
                var antenna = mast && Math.Abs(i - x - width / 2) < Math.Max(1, unit / 400);
                outline[i] -= height * (stepped && inner ? 1.14f : 1) + (antenna ? unit * 0.05f : 0);
            }
            x += width + dice.Below(Math.Max(1, unit / 90));
        }
    }
}
