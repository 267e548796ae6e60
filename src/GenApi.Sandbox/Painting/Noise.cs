using System.Runtime.CompilerServices;

namespace GenApi.Sandbox.Painting;

/// <summary>Smooth value noise from 0 to 1.</summary>
internal static class Noise
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float At(int x, int y, uint seed)
    {
        var h = (uint)x * 0x8DA6B343u ^ (uint)y * 0xD8163841u ^ seed * 0xCB1AB31Fu;
        h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
        h = (h ^ (h >> 12)) * 0x297A2D39u;
        return (h ^ (h >> 15)) * (1f / uint.MaxValue);
    }

    public static float Smooth(float x, float y, uint seed)
    {
        var (left, top) = (MathF.Floor(x), MathF.Floor(y));
        var (u, v) = (Ease(x - left), Ease(y - top));
        var (i, j) = ((int)left, (int)top);
        var upper = Mix(At(i, j, seed), At(i + 1, j, seed), u);
        var lower = Mix(At(i, j + 1, seed), At(i + 1, j + 1, seed), u);
        return Mix(upper, lower, v);
    }

    /// <summary>Several octaves on top of each other, each twice as fine and half as strong.</summary>
    public static float Fractal(float x, float y, int octaves, uint seed)
    {
        var (sum, weight, total) = (0f, 1f, 0f);
        for (var octave = 0; octave < octaves; octave++)
        {
            sum += weight * Smooth(x, y, seed + (uint)octave);
            total += weight;
            weight *= 0.5f;
            (x, y) = (x * 2 + 17.3f, y * 2 + 9.1f);
        }
        return sum / total;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Mix(float a, float b, float share) => a + (b - a) * share;

    /// <summary>0 below <paramref name="low"/>, 1 above <paramref name="high"/>, smooth between.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Step(float low, float high, float value) => Ease(Math.Clamp((value - low) / (high - low), 0, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Ease(float t) => t * t * (3 - 2 * t);
}

/// <summary>
/// Fractal noise over a whole picture, computed on a coarse grid and interpolated: the finest octave is several pixels wide, and a
/// sixteenth of the work shows no difference.
/// </summary>
internal sealed class NoiseField
{
    private const int Cell = 4;

    private readonly float[] _grid;
    private readonly int _columns, _rows;

    /// <param name="canvas">Gives the size.</param>
    /// <param name="across">Number of waves over the shorter side of the picture, horizontally.</param>
    /// <param name="down">The same vertically.</param>
    /// <param name="octaves">How fine it gets.</param>
    /// <param name="seed">Each seed gives another field.</param>
    public NoiseField(Canvas canvas, float across, float down, int octaves, uint seed)
    {
        (_columns, _rows) = (canvas.Width / Cell + 2, canvas.Height / Cell + 2);
        _grid = new float[_columns * _rows];
        var scale = (float)Cell / Math.Min(canvas.Width, canvas.Height);
        for (var row = 0; row < _rows; row++)
        {
            for (var column = 0; column < _columns; column++)
                _grid[row * _columns + column] = Noise.Fractal(column * scale * across, row * scale * down, octaves, seed);
        }
    }

    /// <summary>Reads the field; beyond the edges its last value continues.</summary>
    public float At(float x, float y)
    {
        x = Math.Clamp(x * (1f / Cell), 0, _columns - 1.001f);
        y = Math.Clamp(y * (1f / Cell), 0, _rows - 1.001f);
        var (i, j) = ((int)x, (int)y);
        var (u, v) = (x - i, y - j);
        var index = j * _columns + i;
        var upper = Noise.Mix(_grid[index], _grid[index + 1], u);
        return Noise.Mix(upper, Noise.Mix(_grid[index + _columns], _grid[index + _columns + 1], u), v);
    }
}
