using System.Runtime.InteropServices;

namespace GenApi.Core.Persistence.Files;

/// <summary>Makes everything that this process creates private to its user: files 0600, folders 0700.</summary>
public static partial class PrivateFiles
{
    private const uint GroupAndOthers = 0b000_111_111;

    /// <summary>
    /// Sets the mask of the process, not the mode of each file: SQLite makes its own files (the log, its index), and a file that is added
    /// later can't be forgotten. Call it before anything is made; existing files keep their mode. Windows has no mask, and a user's folders
    /// are private there.
    /// </summary>
    public static void Require()
    {
        if (!OperatingSystem.IsWindows())
            _ = Mask(GroupAndOthers);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Mask(uint mask);
}
