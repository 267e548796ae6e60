using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace GenApi.Core.Blobs;

/// <summary>
/// The calls that make a file durable, and nothing else. They are virtual so that a test can make the n-th call fail: the order of these
/// calls keeps a crash from leaving half an image.
/// </summary>
public partial class DurableFiles
{
    /// <summary>Shares deletion, because Windows renames an open file only then.</summary>
    public virtual SafeFileHandle Create(string path) => File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Delete);

    public virtual ValueTask WriteAsync(
        SafeFileHandle file, ReadOnlyMemory<byte> bytes, long offset, CancellationToken cancellationToken) =>
        RandomAccess.WriteAsync(file, bytes, offset, cancellationToken);

    public virtual void Flush(SafeFileHandle file) => RandomAccess.FlushToDisk(file);

    public virtual void Rename(string from, string target) => File.Move(from, target, overwrite: true);

    public virtual void Delete(string path) => File.Delete(path);

    public virtual void CreateFolder(string path) => Directory.CreateDirectory(path);

    /// <summary>
    /// Flushes a folder. A new name in it survives a power cut only after that. NTFS journals names itself, so Windows has nothing to do.
    /// </summary>
    public virtual void FlushFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = OpenFolder(path, OperatingSystem.IsMacOS() ? MacCloseOnExec : LinuxCloseOnExec);
        if (folder.IsInvalid)
            throw new IOException($"Can't open the folder '{path}' to flush it.", Marshal.GetLastPInvokeError());
        RandomAccess.FlushToDisk(folder);
    }

    /// <summary>Gives the same bytes a second name; false if that is impossible, such as on another file system.</summary>
    public virtual bool TryLink(string from, string target) =>
        OperatingSystem.IsWindows() ? LinkOnWindows(target, from, 0) : LinkOnUnix(from, target) == 0;

    private const int LinuxCloseOnExec = 0x80000;
    private const int MacCloseOnExec = 0x1000000;

    // File.OpenHandle refuses folders.
    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle OpenFolder(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LinkOnUnix(string from, string to);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool LinkOnWindows(string to, string from, nint security);
}
