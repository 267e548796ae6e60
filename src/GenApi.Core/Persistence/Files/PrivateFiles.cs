using System.Runtime.InteropServices;

namespace GenApi.Core.Persistence.Files;

/// <summary>What this process makes on the disk is for its own user alone: files 0600, folders 0700.</summary>
public static partial class PrivateFiles
{
    private const uint GroupAndOthers = 0b000_111_111;

    /// <summary>
    /// By the process's mask rather than file by file: SQLite makes files of its own (the log, its index), and none that is added one day can be forgotten. Call it before
    /// anything is made; what is there already keeps its mode. Windows has nothing of the kind, and folders of a user are private there.
    /// </summary>
    public static void Require()
    {
        if (!OperatingSystem.IsWindows())
            _ = Mask(GroupAndOthers);
    }

    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint Mask(uint mask);
}
