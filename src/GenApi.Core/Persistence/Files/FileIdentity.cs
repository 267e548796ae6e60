using System.Runtime.InteropServices;

namespace GenApi.Core.Persistence.Files;

/// <summary>
/// Identifies a file or folder: by device and inode on Linux, by its creation time elsewhere. Equal identities mean that a path still names
/// the same file. It never opens the file: closing a second handle on an SQLite file drops the locks that SQLite holds on it.
/// </summary>
internal readonly partial record struct FileIdentity(ulong Device, ulong Inode)
{
    private const int HereAndNow = -100, WantsInode = 0x100, AnswerLength = 256, InodeAt = 32, DeviceAt = 136, MayWrite = 2;

    /// <summary>Identifies the file or folder at a path.</summary>
    /// <returns>Null where there is nothing at the path, or it can't be read.</returns>
    public static FileIdentity? Of(string path) => OperatingSystem.IsLinux() ? OnLinux(path) : ByBirth(path);

    /// <summary>
    /// Returns whether this user may write the file. False on a file system that is mounted read-only. On Windows only the first write
    /// shows it.
    /// </summary>
    public static bool IsWritable(string path) => OperatingSystem.IsWindows() || Access(path, MayWrite) == 0;

    private static FileIdentity? OnLinux(string path)
    {
        Span<byte> answer = stackalloc byte[AnswerLength];
        if (StatX(HereAndNow, path, 0, WantsInode, ref MemoryMarshal.GetReference(answer)) != 0)
            return null;
        return new(BitConverter.ToUInt64(answer[DeviceAt..]), BitConverter.ToUInt64(answer[InodeAt..]));
    }

    private static FileIdentity? ByBirth(string path)
    {
        FileSystemInfo found = Directory.Exists(path) ? new DirectoryInfo(path) : new FileInfo(path);
        return found.Exists ? new(0, (ulong)found.CreationTimeUtc.Ticks) : null;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint wanted, ref byte answer);

    [LibraryImport("libc", EntryPoint = "access", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Access(string path, int mode);
}
