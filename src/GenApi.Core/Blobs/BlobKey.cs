using System.Buffers;

namespace GenApi.Core.Blobs;

/// <summary>Defines what a key looks like. A key becomes part of a path, so this check also keeps paths inside the folder.</summary>
public static class BlobKey
{
    public const int Length = 64;

    internal static readonly SearchValues<char> Digits = SearchValues.Create("0123456789abcdef");

    public static bool IsValid(string? key) => key is { Length: Length } && !key.AsSpan().ContainsAnyExcept(Digits);

    /// <exception cref="ArgumentException">The key is not 64 lower-case hexadecimal digits.</exception>
    public static string Checked(string key) =>
        IsValid(key) ? key : throw new ArgumentException("A blob key is a SHA-256 in 64 lower-case hexadecimal digits.", nameof(key));
}
