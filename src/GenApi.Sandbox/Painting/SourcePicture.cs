using System.Security.Cryptography;
using NetVips;

namespace GenApi.Sandbox.Painting;

/// <summary>A picture that a run begins from, or its mask: equal when the bytes are.</summary>
internal sealed class SourcePicture : IEquatable<SourcePicture>
{
    private SourcePicture(byte[] bytes, int width, int height) =>
        (Bytes, Sha256, Width, Height) = (bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)), width, height);

    public byte[] Bytes { get; }

    public string Sha256 { get; }

    public int Width { get; }

    public int Height { get; }

    /// <returns>Null when the bytes are no picture that can be opened.</returns>
    public static SourcePicture? Open(byte[] bytes)
    {
        try
        {
            using var image = Image.NewFromBuffer(bytes);
            return new SourcePicture(bytes, image.Width, image.Height);
        }
        catch (VipsException)
        {
            return null;
        }
    }

    public bool Equals(SourcePicture? other) => other is not null && other.Sha256 == Sha256;

    public override bool Equals(object? obj) => Equals(obj as SourcePicture);

    public override int GetHashCode() => Sha256.GetHashCode(StringComparison.Ordinal);
}

/// <summary>What a run begins from.</summary>
/// <param name="Image">Shows through what is painted.</param>
/// <param name="Mask">Where to paint at all; null: everywhere.</param>
/// <param name="PaintsBlack">Whether the mask is black where to paint.</param>
/// <param name="Strength">How much of the image is given up, 0 to 1.</param>
internal sealed record Source(SourcePicture Image, SourcePicture? Mask, bool PaintsBlack, double Strength);
