using System.Buffers.Binary;

namespace GenApi.Core.Images.Probes;

/// <summary>Recognises 3D models that have no magic but whose beginning leaves no doubt: STL, binary and in words.</summary>
internal static class ModelProbe
{
    private const int StlHead = 84, StlTriangle = 50, HeadLength = 512;

    /// <returns>Null for anything else.</returns>
    public static FileFacts? Find(ImageBytes bytes) =>
        IsBinaryStl(bytes) || IsStlText(bytes) ? new(FileKind.Model, "model/stl", ".stl") : null;

    /// <summary>Says whether the number of triangles fits the length of the file to the byte.</summary>
    private static bool IsBinaryStl(ImageBytes bytes) =>
        bytes.Length > StlHead
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes.At(StlHead - 4, 4)) is > 0 and var triangles
        && bytes.Length == StlHead + (long)triangles * StlTriangle;

    private static bool IsStlText(ImageBytes bytes)
    {
        if (!bytes.StartsWith("solid "u8))
            return false;
        var head = bytes.At(0, (int)Math.Min(bytes.Length, HeadLength));
        return head.IndexOf("facet normal"u8) >= 0 || head.IndexOf("endsolid"u8) >= 0;
    }
}
