namespace GenApi.Core.Blobs;

/// <summary>
/// Second names of blobs, <c>tmp/&lt;receipt&gt;.kept</c>, under which bytes are found again whose key nobody has written down yet. They are not made durable themselves:
/// a power cut may take one, never leave one of torn bytes.
/// </summary>
internal sealed class BlobReceipts(string folder, DurableFiles files)
{
    public const string Suffix = ".kept";

    /// <summary>After the flush, so that no torn bytes are found under it, and before the rename, so that no blob is without it.</summary>
    public void Leave(string? receipt, string path)
    {
        if (receipt is not null)
            files.TryLink(path, PathOf(receipt));
    }

    public Stream? Open(string receipt)
    {
        try
        {
            return new FileStream(PathOf(receipt), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, useAsync: true);
        }
        catch (Exception exception) when (StorageFailure.Is(exception))
        {
            // Whoever asks has another way to the bytes.
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
            // What is left over costs room, until the sweep.
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
            // A second name of bytes that are needed anyway; the next start or the sweep tries again.
        }
    }

    private string PathOf(string receipt) => Path.Combine(folder, receipt + Suffix);
}
