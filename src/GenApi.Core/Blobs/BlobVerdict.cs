using System.Security.Cryptography;

namespace GenApi.Core.Blobs;

/// <summary>The result of reading all bytes of a blob.</summary>
public enum BlobVerdict
{
    /// <summary>The bytes match the key.</summary>
    Whole,

    /// <summary>The store is there, but the file is not.</summary>
    Missing,

    /// <summary>The bytes did not match the key. They were moved to quarantine, so the blob is missing from now on.</summary>
    Damaged,
}

internal static class BlobBytes
{
    private const int PieceLength = 256 << 10;

    /// <summary>Checks whether a file holds the bytes of a key. It takes about a millisecond per megabyte.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">The hash that the bytes must have.</param>
    /// <param name="length">The length of the file in bytes; -1: there is none.</param>
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
