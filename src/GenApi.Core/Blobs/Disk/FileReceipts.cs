namespace GenApi.Core.Blobs.Disk;

/// <summary>
/// Second names of blobs, <c>tmp/&lt;receipt&gt;.kept</c>. They lead to bytes whose key is not in the database yet. They are not flushed
/// themselves: a power cut may lose one, but never leaves one with torn bytes.
/// </summary>
internal sealed class FileReceipts(string folder, DurableFiles files)
{
    public const string Suffix = ".kept";

    /// <summary>
    /// Links the file under its receipt: after the flush, so that it never names torn bytes, and before the rename, so that no blob lacks
    /// it.
    /// </summary>
    public void Leave(string? receipt, string path)
    {
        if (receipt is not null)
            files.TryLink(path, PathOf(receipt));
    }

    public Stream? Open(string receipt)
    {
        try
        {
            return new FileStream(
                PathOf(receipt), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            // The caller has another way to the bytes.
            return null;
        }
    }

    public IReadOnlyList<string> List()
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*" + Suffix).Select(path => Path.GetFileNameWithoutExtension(path))];
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            // Leftovers only take up space until the sweep.
            return [];
        }
    }

    public void Drop(string receipt)
    {
        try
        {
            File.Delete(PathOf(receipt));
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            // It is a second name of bytes that are needed anyway. The next start or the sweep tries again.
        }
    }

    private string PathOf(string receipt) => Path.Combine(folder, receipt + Suffix);
}
