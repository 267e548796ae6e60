using System.Runtime.InteropServices;

namespace GenApi.Core.Images.Conversion;

/// <summary>The memory that libvips has freed and glibc has not returned.</summary>
internal static partial class NativeMemory
{
    private static bool _isKnown = OperatingSystem.IsLinux();

    /// <summary>Returns freed memory to the system where glibc can; it would keep the peak otherwise.</summary>
    public static void ReturnFreed()
    {
        if (!_isKnown)
            return;
        try
        {
            // Its answer only says whether there was anything to return.
            _ = Trim(0);
        }
        catch (Exception failure) when (failure is EntryPointNotFoundException or DllNotFoundException)
        {
            // Another C library, such as musl's, which returns memory by itself.
            _isKnown = false;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint padding);
}
