using System.Security.Cryptography;

namespace GenApi.Core.Blobs;

/// <summary>What a look at all bytes of a blob found.</summary>
public enum BlobVerdict
{
    /// <summary>The bytes are those of the key.</summary>
    Whole,

    /// <summary>There is no such file in a store that is there.</summary>
    Missing,

    /// <summary>The bytes were others. They have been put aside, so the blob is missing from now on.</summary>
    Damaged,
}

internal static class BlobBytes
{
    private const int PieceLength = 256 << 10;

    /// <summary>Whether a file holds the bytes of a key: about a millisecond for each megabyte.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="key">The hash that they must have.</param>
    /// <param name="length">Of the file in bytes; -1: there is none.</param>
    public static bool AreOf(string path, string key, out long length)
    {
        length = -1;
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            length = RandomAccess.GetLength(file);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[Math.Clamp(length, 1, PieceLength)];
            for (var at = 0L; RandomAccess.Read(file, buffer, at) is var read and > 0; at += read)
                hash.AppendData(buffer, 0, read);
            return Convert.ToHexStringLower(hash.GetHashAndReset()) == key;
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
    }
}
