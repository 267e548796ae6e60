using GenApi.Core.Errors;

namespace GenApi.Core.Blobs;

/// <summary>Turns a failed file call into an error for the caller. The path stays in the inner exception, for the operator only.</summary>
internal static class StorageFailure
{
    private const int NoSpace = 28;
    private const int LinuxQuota = 122;
    private const int MacQuota = 69;
    private const int WindowsDiskFull = unchecked((int)0x80070070);
    private const int WindowsHandleDiskFull = unchecked((int)0x80070027);

    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static GenApiException From(Exception exception) => IsFull(exception)
        ? new(ErrorKind.StorageFull, "There is no room left to store the image. Free some disk space.", exception) { IsTransient = true }
        : new(ErrorKind.StorageUnavailable, "The image store can't be used at the moment. Try again later.", exception)
        {
            IsTransient = true,
        };

    // On Unix, .NET leaves the raw errno in HResult.
    private static bool IsFull(Exception exception) => OperatingSystem.IsWindows()
        ? exception.HResult is WindowsDiskFull or WindowsHandleDiskFull
        : exception.HResult is NoSpace || exception.HResult == (OperatingSystem.IsMacOS() ? MacQuota : LinuxQuota);
}
