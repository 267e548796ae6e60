namespace GenApi.Core.Persistence.Files;

/// <summary>Measures the free space of a disk.</summary>
internal static class DiskRoom
{
    /// <summary>
    /// Returns how many bytes this user may still write on the file system of a folder; <see cref="long.MaxValue"/> where that is not
    /// known.
    /// </summary>
    public static long FreeAt(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return long.MaxValue;
        }
    }
}
