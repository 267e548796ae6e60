using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace GenApi.Tests.Servers;

/// <summary>Runs the servers of other projects that tests need. They end with this process, even if it is killed.</summary>
internal static class ServerPrograms
{
    /// <summary>A database server refuses to run as root, so a run as root gives it to this user.</summary>
    private const string Unprivileged = "postgres";

    private static bool IsRoot => Environment.UserName == "root";

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Waits until a server that has just been started accepts connections.</summary>
    public static async Task ListensAsync(int port)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync(IPAddress.Loopback, port, patience.Token);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
            }
        }
    }

    /// <summary>Returns the path of a program, or null.</summary>
    /// <param name="folders">Looked at before those of the environment.</param>
    public static string? Find(string program, params string[] folders) =>
        folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)).Append("/usr/sbin")
            .Where(folder => folder.Length > 0)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Makes a folder that belongs to the user of <see cref="RunAsync"/>.</summary>
    public static async Task<string> MakeFolderAsync(string prefix)
    {
        var folder = Directory.CreateTempSubdirectory(prefix).FullName;
        if (IsRoot)
            await RunAsync("chown", [Unprivileged, folder], asUser: false);
        return folder;
    }

    /// <summary>Writes a file that the user of <see cref="RunAsync"/> can read, even after a service here has made files private.</summary>
    public static async Task WriteAsync(string path, string text)
    {
        await File.WriteAllTextAsync(path, text);
        if (OperatingSystem.IsWindows())
            return;
        File.SetUnixFileMode(
            path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }

    /// <summary>Runs a program to its end, without privileges unless <paramref name="asUser"/> is false.</summary>
    /// <returns>Its output.</returns>
    /// <exception cref="InvalidOperationException">The program failed; the message has what it said.</exception>
    public static async Task<string> RunAsync(string program, IReadOnlyList<string> arguments, bool asUser = true)
    {
        var (file, all) = asUser ? Command(program, arguments) : (program, arguments);
        var start = new ProcessStartInfo(file, all)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/tmp",
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        // A daemon that it starts may hold the pipes open, so only the exit counts.
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await process.WaitForExitAsync(patience.Token);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {await output} {await errors}");
        return await output;
    }

    /// <summary>Starts a process that runs a shell command once this process is gone, however it ends.</summary>
    /// <returns>Dispose of it to run the command now and wait for it.</returns>
    public static IAsyncDisposable OnceGone(string command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"trap '' INT TERM; cat > /dev/null; {command}"])
        {
            RedirectStandardInput = true,
            WorkingDirectory = "/",
        };
        return new End(Process.Start(start)!);
    }

    /// <summary>The command in the form that a shell runs without privileges.</summary>
    public static string Shell(string program, params string[] arguments)
    {
        var (file, all) = Command(program, arguments);
        return string.Join(' ', all.Prepend(file).Select(each => $"'{each}'"));
    }

    private static (string Program, IReadOnlyList<string> Arguments) Command(string program, IReadOnlyList<string> arguments) => IsRoot
        ? ("setpriv", [$"--reuid={Unprivileged}", $"--regid={Unprivileged}", "--clear-groups", "--", program, .. arguments])
        : (program, arguments);

    private sealed class End(Process watcher) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            watcher.StandardInput.Close();
            await watcher.WaitForExitAsync();
            watcher.Dispose();
        }
    }
}
