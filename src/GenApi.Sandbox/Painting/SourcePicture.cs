using System.Security.Cryptography;
using NetVips;

namespace GenApi.Sandbox.Painting;

/// <summary>A source picture of a run, or its mask. Two are equal if their bytes are.</summary>
internal sealed class SourcePicture : IEquatable<SourcePicture>
{
    // An input may be any file. Loaders such as that of SVG are not tested with hostile files.
    static SourcePicture() => NetVips.NetVips.BlockUntrusted = true;

    private SourcePicture(byte[] bytes, int width, int height) =>
        (Bytes, Sha256, Width, Height) = (bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)), width, height);

    public byte[] Bytes { get; }

    public string Sha256 { get; }

    public int Width { get; }

    public int Height { get; }

    /// <returns>Null if the bytes can't be opened as a picture.</returns>
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

/// <summary>The sources of a run.</summary>
/// <param name="Image">Shows through the painted picture.</param>
/// <param name="Mask">The area to paint; null: everywhere.</param>
/// <param name="PaintsBlack">Whether the mask is black in the area to paint.</param>
/// <param name="Strength">The part of the image that is painted over, 0 to 1.</param>
internal sealed record Source(SourcePicture Image, SourcePicture? Mask, bool PaintsBlack, double Strength);
