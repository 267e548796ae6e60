using System.Diagnostics;

namespace GenApi.Tests.Generations;

/// <summary>
/// Makes a folder read-only until it is disposed of: for root by mounting it over itself, for others by its permissions.
/// </summary>
internal sealed class ReadOnlyFolder : IDisposable
{
    private readonly string _folder;
    private readonly bool _isMounted;

    private ReadOnlyFolder(string folder, bool isMounted) => (_folder, _isMounted) = (folder, isMounted);

    /// <summary>Skips the test where neither is possible.</summary>
    public static ReadOnlyFolder Mount(string folder)
    {
        if (Run("mount", "--bind", folder, folder) && Run("mount", "-o", "remount,ro,bind", folder))
            return new(folder, isMounted: true);
        Assert.SkipWhen(
            Environment.IsPrivilegedProcess || OperatingSystem.IsWindows(),
            "A folder can neither be mounted read-only here, nor protected by permissions.");
        Permit(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return new(folder, isMounted: false);
    }

    public void Dispose()
    {
        if (_isMounted)
            Run("umount", "-l", _folder);
        else
            Permit(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Runs a program. It returns false where there is no such program, or it failed.</summary>
    public static bool Run(string program, params string[] arguments)
    {
        if (!OperatingSystem.IsLinux())
            return false;
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static void Permit(string folder, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, mode);
    }
}
