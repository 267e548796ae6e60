using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace GenApi.Tests.Chaos;

/// <summary>
/// A process that is started, killed and started again at the same address. It reads the output and holds the last lines for error
/// messages.
/// </summary>
internal sealed class ChaosService(
    string project, string url, IReadOnlyDictionary<string, string?> settings, string folder, SecretSearch secrets) : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<string> _lines = new();
    private TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    public Uri Address { get; } = new(url);

    public static string FreeUrl()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
    }

    /// <summary>Completes when the process listens. After a kill it is a new task for the next process.</summary>
    public Task Listening => Volatile.Read(ref _listening).Task;

    public void Start()
    {
        var process = BuiltProgram.Start(project, [], settings, folder);
        process.OutputDataReceived += (_, line) => Read(line.Data);
        process.ErrorDataReceived += (_, line) => Read(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        secrets.LookAt(process);
        _process = process;
    }

    /// <summary>
    /// Starts the process again if it gave its start up because its database or bucket did not answer, as a supervisor does.
    /// </summary>
    /// <returns>Whether that was so.</returns>
    /// <exception cref="InvalidOperationException">It ended for another reason.</exception>
    public bool StartAgainIfRefused()
    {
        if (_process is not { HasExited: true } process)
            return false;
        // Lets the last lines arrive.
        process.WaitForExit();
        if (!_lines.TakeLast(3).Any(line => line.Contains("can't be reached", StringComparison.Ordinal)
            || line.Contains("can't be used", StringComparison.Ordinal)
            || line.Contains("The start was given up", StringComparison.Ordinal)))
            throw new InvalidOperationException($"{project} ended: {string.Join('\n', _lines.TakeLast(20))}");
        process.Dispose();
        Start();
        return true;
    }

    public async Task ListenAsync()
    {
        try
        {
            await Listening.WaitAsync(StartPatience);
        }
        catch (TimeoutException)
        {
            throw new InvalidOperationException($"{project} did not come up: {string.Join('\n', _lines.TakeLast(20))}");
        }
    }

    /// <summary>Sends SIGKILL, which leaves no time for any cleanup.</summary>
    public async Task KillAsync()
    {
        if (_process is not { } process)
            return;
        if (Listening.IsCompleted)
            Volatile.Write(ref _listening, new(TaskCreationOptions.RunContinuationsAsynchronously));
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        _process = null;
    }

    /// <summary>Freezes the process as a machine under pressure does.</summary>
    public Task FreezeAsync() => SignalAsync("STOP");

    /// <summary>Lets a frozen process go on.</summary>
    public Task ThawAsync() => SignalAsync("CONT");

    /// <summary>Sends SIGTERM and waits for the end.</summary>
    public async Task StopAsync()
    {
        await SignalAsync("TERM");
        if (Listening.IsCompleted)
            Volatile.Write(ref _listening, new(TaskCreationOptions.RunContinuationsAsynchronously));
        await _process!.WaitForExitAsync().WaitAsync(StartPatience);
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", _process!.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Keeps the lines of all its processes where <c>CHAOS_LOGS</c> says, a file for each address.</summary>
    private void Keep(string line)
    {
        if (Environment.GetEnvironmentVariable("CHAOS_LOGS") is { Length: > 0 } logs)
        {
            lock (_lines)
                File.AppendAllText(Path.Combine(logs, $"{project}-{Address.Port}.log"), line + '\n');
        }
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        secrets.Look("a log line", line);
        _lines.Enqueue(line);
        Keep(line);
        if (_lines.Count > 200)
            _lines.TryDequeue(out _);
        if (line.Contains("Now listening on", StringComparison.Ordinal)
            || line.StartsWith("Replicate sandbox on", StringComparison.Ordinal))
            Volatile.Read(ref _listening).TrySetResult();
    }
}
