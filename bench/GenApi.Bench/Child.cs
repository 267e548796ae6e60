using System.Diagnostics;
using System.Globalization;

namespace GenApi.Bench;

/// <summary>A process started for a measurement. Its output goes to a file. It is asked to stop, then killed.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly Process _process;

    private Child(string name, Process process, string logFile) => (Name, _process, LogFile) = (name, process, logFile);

    public string Name { get; }

    public string LogFile { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>User and system time of this one process, without its children.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Resident memory in bytes, as the kernel reports it (VmRSS).</summary>
    public long ResidentBytes => Status("VmRSS:");

    /// <summary>The highest resident memory so far (VmHWM).</summary>
    public long PeakResidentBytes => Status("VmHWM:");

    /// <summary>Resets <see cref="PeakResidentBytes"/> to the present resident memory.</summary>
    public void ResetPeak() => File.WriteAllText($"/proc/{_process.Id}/clear_refs", "5");

    /// <param name="name">The name in messages and of the log file.</param>
    /// <param name="command">Program and arguments.</param>
    /// <param name="environment">Added to this process's environment, without the variables that configure GenApi or ASP.NET Core.</param>
    /// <param name="folder">The working directory and the place of the log.</param>
    public static Child Start(string name, IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, string folder)
    {
        var log = Path.Combine(folder, $"{name}.log");
        // The shell sends its output to a file and becomes the program: no pipe burdens this process, which measures.
        var info = new ProcessStartInfo("/bin/sh") { WorkingDirectory = folder, UseShellExecute = false };
        foreach (var argument in (string[])["-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", log, .. command])
            info.ArgumentList.Add(argument);
        foreach (var key in info.Environment.Keys.Where(IsSetting).ToArray())
            info.Environment.Remove(key);
        foreach (var (key, value) in environment)
            info.Environment[key] = value;
        return new Child(name, Process.Start(info) ?? throw new BenchException($"{name} did not start."), log);
    }

    public string LogTail() => File.Exists(LogFile) ? string.Join('\n', File.ReadLines(LogFile).TakeLast(8)) : "";

    /// <summary>SIGKILL.</summary>
    public Task KillAsync()
    {
        _process.Kill();
        return _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using (var kill = Process.Start("/bin/sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -TERM {_process.Id}")]))
                await kill.WaitForExitAsync();
            using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                await Console.Error.WriteLineAsync($"bench: {Name} did not stop within {Patience.TotalSeconds} s and is killed");
                _process.Kill(entireProcessTree: true);
                await _process.WaitForExitAsync(CancellationToken.None);
            }
        }
        _process.Dispose();
    }

    private static bool IsSetting(string key) =>
        key.Contains("__", StringComparison.Ordinal) || key is "Urls" or "DataDirectory" or "DOTNET_ENVIRONMENT"

            || key.StartsWith("ASPNETCORE_", StringComparison.OrdinalIgnoreCase)
            || key.StartsWith("REPLICATE_", StringComparison.OrdinalIgnoreCase);

    private long Status(string member)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").First(each => each.StartsWith(member, StringComparison.Ordinal));
        return long.Parse(
            line[member.Length..].Replace("kB", "", StringComparison.Ordinal),
            NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
            CultureInfo.InvariantCulture) * 1024;
    }
}
