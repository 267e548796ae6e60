using System.Numerics;
using System.Runtime.CompilerServices;

namespace GenApi.Sandbox.Painting;

/// <summary>Pixels of 8 bits in red, green and blue. Colours are vectors from 0 to 1.</summary>
internal sealed class Canvas(int width, int height)
{
    public int Width { get; } = width;
    public int Height { get; } = height;
    public byte[] Pixels { get; } = new byte[width * height * 3];

    /// <summary>True if the picture is small. Small pictures get less detail: it would not show, and tests need them fast.</summary>
    public bool IsSmall => Math.Min(Width, Height) <= 128;

    /// <summary>Sets a pixel with a little grain, which hides the steps between shades in a sky.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set(int x, int y, Vector3 colour)
    {
        var grain = (Noise.At(x, y, 77) + Noise.At(y, x, 78) - 1) * 2.6f + 0.5f;
        var scaled = Vector3.Clamp(colour * 255 + new Vector3(grain), Vector3.Zero, new Vector3(255));
        var index = (y * Width + x) * 3;
        Pixels[index] = (byte)scaled.X;
        Pixels[index + 1] = (byte)scaled.Y;
        Pixels[index + 2] = (byte)scaled.Z;
    }

    public Vector3 Get(int x, int y)
    {
        var index = (y * Width + x) * 3;
        return new Vector3(Pixels[index], Pixels[index + 1], Pixels[index + 2]) * (1f / 255);
    }

    public void Blend(int x, int y, Vector3 colour, float opacity)
    {
        if ((uint)x >= (uint)Width || (uint)y >= (uint)Height)
            return;
        var index = (y * Width + x) * 3;
        Pixels[index] = Blend(Pixels[index], colour.X, opacity);
        Pixels[index + 1] = Blend(Pixels[index + 1], colour.Y, opacity);
        Pixels[index + 2] = Blend(Pixels[index + 2], colour.Z, opacity);
    }

    private static byte Blend(byte below, float above, float opacity) =>
        (byte)Math.Clamp(below + (above * 255 - below) * opacity + 0.5f, 0, 255);
}
