using System.Numerics;

namespace GenApi.Sandbox.Painting;

/// <summary>
/// A sky with sun or moon, clouds and stars, and ground in layers that fade into the haze; where there is water it mirrors all that.
/// </summary>
internal sealed class LandscapeScene
{
    private readonly Canvas _canvas;
    private readonly Palette _palette;
    private readonly TerrainKind _kind;
    private readonly float[][] _layers;
    private readonly NoiseField _clouds, _texture;
    private readonly Vector2 _sun;
    private readonly float _sunRadius, _horizon, _cover;
    private readonly int _waterline;
    private readonly uint _seed;

    private LandscapeScene(Canvas canvas, Palette palette, TerrainKind kind, Dice dice)
    {
        (_canvas, _palette, _kind) = (canvas, palette, kind);
        _seed = (uint)dice.Next();
        _horizon = canvas.Height * dice.Between(0.50f, 0.64f);
        var unit = Math.Min(canvas.Width, canvas.Height);
        _sunRadius = unit * dice.Between(0.045f, 0.10f);
        _sun = new Vector2(canvas.Width * dice.Between(0.15f, 0.85f), _horizon * dice.Between(0.25f, 0.85f));
        _cover = dice.Between(0.42f, 0.62f);
        var hasWater = kind == TerrainKind.Sea || dice.Chance(kind is TerrainKind.Mountains or TerrainKind.City ? 0.5f : 0.2f);
        _waterline = hasWater ? (int)(kind == TerrainKind.Sea ? _horizon : canvas.Height * dice.Between(0.68f, 0.78f)) : canvas.Height;
        _layers = Layers(dice);
        _clouds = new NoiseField(canvas, 2.2f, 6f, canvas.IsSmall ? 3 : 6, _seed + 11);
        _texture = new NoiseField(canvas, 14, 22, canvas.IsSmall ? 2 : 4, _seed + 23);
    }

    public static void Paint(Canvas canvas, Palette palette, TerrainKind kind, Dice dice)
    {
        var scene = new LandscapeScene(canvas, palette, kind, dice);
        for (var y = 0; y < Math.Min(scene._waterline, canvas.Height); y++)
        {
            for (var x = 0; x < canvas.Width; x++)
                canvas.Set(x, y, scene.ColourAt(x, y));
        }
        for (var y = scene._waterline; y < canvas.Height; y++)
            scene.PaintWater(y);
    }

    private float[][] Layers(Dice dice)
    {
        var count = _kind == TerrainKind.Sea ? 2 : dice.Below(2) + (_canvas.IsSmall ? 3 : 4);
        var lowest = Math.Min(_canvas.Height * 0.96f, _waterline - _canvas.Height * 0.02f);
        var layers = new float[count][];
        for (var layer = 0; layer < count; layer++)
        {
            var depth = (float)layer / (count - 1);
            var baseline = _kind == TerrainKind.Sea ? _horizon : Noise.Mix(_horizon, lowest, MathF.Pow(depth, 1.15f));
            layers[layer] = Terrain.Outline(_kind, _canvas, depth, baseline, dice);
        }
        return layers;
    }

    private Vector3 ColourAt(int x, int y)
    {
        for (var layer = _layers.Length - 1; layer >= 0; layer--)
        {
            var below = y - _layers[layer][x];
            if (below >= 1)
                return GroundAt(layer, x, y, below);
            if (below > 0)
                return Vector3.Lerp(Behind(layer, x, y), GroundAt(layer, x, y, below), below);
        }
        return SkyAt(x, y);
    }

    /// <summary>Computes the part of a pixel that an edge leaves uncovered.</summary>
    private Vector3 Behind(int layer, int x, int y)
    {
        for (var next = layer - 1; next >= 0; next--)
        {
            if (y >= _layers[next][x])
                return GroundAt(next, x, y, y - _layers[next][x]);
        }
        return SkyAt(x, y);
    }

    private Vector3 GroundAt(int layer, int x, int y, float below)
    {
        var depth = (layer + 1f) / _layers.Length;
        var colour = Vector3.Lerp(Vector3.Lerp(_palette.Horizon, _palette.Far, 0.55f), _palette.Near, MathF.Pow(depth, 1.3f));
        var texture = _texture.At(x, y + layer * 31) - 0.5f;
        if (_kind == TerrainKind.City)
            return Windows(layer, x, y, below, colour, depth);
        var lit = _kind == TerrainKind.Forest ? 0 : Lit(layer, x, below, texture);
        colour *= 1 + texture * (_kind == TerrainKind.Dunes ? 0.10f : 0.34f) + lit * 0.24f;
        if (_kind == TerrainKind.Mountains && layer < 2)
        {
            var snow = Noise.Step(0.11f, 0.02f, below / _canvas.Height + texture * 0.16f) * (1 - depth);
            colour = Vector3.Lerp(colour, Vector3.Lerp(_palette.Light, _palette.Horizon, 0.25f - lit * 0.2f), snow);
        }
        // Mist gathers at the foot of every layer, and most at the farthest.
        return Vector3.Lerp(colour, _palette.Horizon, Noise.Step(0, _canvas.Height * 0.30f, below) * (1 - depth) * 0.75f);
    }

    /// <summary>
    /// Computes the light on a slope, from -1 (facing away from the sun) to 1. Gullies bend it sideways, more so further down.
    /// </summary>
    private float Lit(int layer, int x, float below, float texture)
    {
        var column = Math.Clamp((int)(x + texture * below * 1.6f), 0, _canvas.Width - 1);
        var towards = Math.Clamp((_sun.X - x) / (_canvas.Width * 0.25f), -1, 1);
        return Math.Clamp(Slope(layer, column) * towards, -1, 1) * MathF.Exp(-below / (_canvas.Height * 0.08f));
    }

    private float Slope(int layer, int x)
    {
        var outline = _layers[layer];
        var reach = Math.Max(1, _canvas.Width / 200);
        var (left, right) = (Math.Max(0, x - reach), Math.Min(outline.Length - 1, x + reach));
        return right == left ? 0 : (outline[left] - outline[right]) / (right - left) * -1.2f;
    }

    private Vector3 Windows(int layer, int x, int y, float below, Vector3 wall, float depth)
    {
        var size = Math.Max(2, (int)(_canvas.Height * Noise.Mix(0.008f, 0.016f, depth)));
        var (column, row) = (x / size, (int)below / size);
        var frame = x % size < size / 2 && (int)below % size < size * 2 / 3;
        if (frame && row > 0 && Noise.At(column, row + layer * 977, _seed) < (_palette.Dark ? 0.36f : 0.16f))
            return Vector3.Lerp(wall, _palette.Light, 0.35f + 0.6f * Noise.At(row, column, _seed + 5));
        return Vector3.Lerp(wall, _palette.Horizon, Noise.Step(0, _canvas.Height * 0.45f, below) * (1 - depth) * 0.6f);
    }

    private Vector3 SkyAt(int x, int y)
    {
        var colour = _palette.SkyAt(Math.Min(1, y / _horizon));
        var distance = Vector2.Distance(new Vector2(x, y), _sun);
        if (_palette.Dark && !_canvas.IsSmall && Noise.At(x, y, _seed) > 0.9988f)
            colour = Vector3.Lerp(colour, Vector3.One, Noise.At(y, x, _seed + 3) * (1 - y / _horizon));
        colour = Vector3.Lerp(colour, _palette.Light, MathF.Exp(-distance / (_sunRadius * 2.6f)) * (_palette.Dark ? 0.45f : 0.75f));
        colour = Vector3.Lerp(colour, _palette.Light, Math.Clamp(_sunRadius - distance, 0, 1));
        var cloud = Noise.Step(_cover, _cover + 0.28f, _clouds.At(x, y)) * (0.25f + 0.75f * Math.Min(1, y / _horizon));
        var shade = Vector3.Lerp(_palette.Sky, _palette.Light, 0.35f + 0.5f * MathF.Exp(-distance / (_canvas.Height * 0.35f)));
        return Vector3.Lerp(colour, shade, cloud * (_palette.Dark ? 0.35f : 0.8f));
    }

    private void PaintWater(int y)
    {
        var away = y - _waterline;
        var depth = (float)away / Math.Max(1, _canvas.Height - _waterline);
        for (var x = 0; x < _canvas.Width; x++)
        {
            // Ripples are long near the shore of the far side and grow towards the viewer.
            var ripple = _texture.At(
                x * Noise.Mix(0.5f, 0.18f, depth), (_canvas.Height - away * 0.2f) % _canvas.Height + away * 0.8f) - 0.5f;
            var wave = ripple * 1.3f + 0.11f * MathF.Sin((away + ripple * 90) * Noise.Mix(1.1f, 0.22f, depth));
            var sourceY = Math.Clamp(
                _waterline - 1 - (int)(away * 0.92f + wave * _canvas.Height * 0.025f * (0.2f + depth)), 0, _waterline - 1);
            var sourceX = Math.Clamp(x + (int)(wave * _canvas.Width * 0.018f * (0.2f + depth)), 0, _canvas.Width - 1);
            var colour = Vector3.Lerp(
                _canvas.Get(sourceX, sourceY) * 0.86f, Vector3.Lerp(_palette.Far, _palette.Near, depth), 0.22f + 0.38f * depth);
            var glitter = Noise.Step(-0.02f, 0.3f, wave) * MathF.Exp(-MathF.Abs(x - _sun.X) / (_sunRadius * (0.5f + depth * 1.6f)));
            _canvas.Set(x, y, Vector3.Lerp(colour * (1 + wave * 0.18f), _palette.Light, glitter * 0.7f));
        }
    }
}
