namespace GenApi.Core.Persistence.Files;

internal static class DiskRoom
{
    /// <summary>
    /// What this user may still write on the file system of a folder, in bytes; as good as endless where it can't be asked.
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
