using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace GenApi.Tests;

internal sealed partial class GenApiApp
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(90);

    /// <summary>
    /// Runs the built service to its end as a separate process, if only that shows the behaviour. Otherwise use <see cref="ProgramHere"/>.
    /// </summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunToEndAsync(
        Dictionary<string, string?> settings, string workingDirectory, params string[] arguments)
    {
        using var process = BuiltProgram.Start("GenApi", arguments, settings, workingDirectory);
        using var patience = new CancellationTokenSource(StartPatience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
        return (process.ExitCode, await output, await errors);
    }

    private sealed class SeparateProcess : IHost
    {
        private readonly Process _process;
        private readonly ConcurrentQueue<string> _lines = new();
        private readonly TaskCompletionSource<Uri> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Uri? _address;

        private SeparateProcess(Process process)
        {
            _process = process;
            _process.OutputDataReceived += (_, line) => Read(line.Data);
            _process.ErrorDataReceived += (_, line) => Read(line.Data);
            _process.Exited += (_, _) => _listening.TrySetException(
                new InvalidOperationException($"The service ended at start: {string.Join('\n', _lines)}"));
            _process.EnableRaisingEvents = true;
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public Uri Address => _address!;

        public IServiceProvider? Services => null;

        public Process Process => _process;

        public IReadOnlyCollection<string> Logs => _lines;

        public static async Task<SeparateProcess> StartAsync(IReadOnlyDictionary<string, string?> settings, string workingDirectory)
        {
            var host = new SeparateProcess(BuiltProgram.Start("GenApi", [], settings, workingDirectory));
            try
            {
                host._address = await host._listening.Task.WaitAsync(StartPatience);
                return host;
            }
            catch
            {
                await host.KillAsync();
                throw;
            }
        }

        public async Task StopAsync()
        {
            if (!_process.HasExited)
            {
                using var signal = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
                await signal.WaitForExitAsync();
                await _process.WaitForExitAsync().WaitAsync(StartPatience);
                Assert.Equal(0, _process.ExitCode);
            }
            _process.Dispose();
        }

        public async Task KillAsync()
        {
            if (!_process.HasExited)
                _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        private void Read(string? line)
        {
            if (line is null)
                return;
            _lines.Enqueue(line);
            if (_listening.Task.IsCompleted || !line.Contains("Now listening on", StringComparison.Ordinal))
                return;
            using var json = JsonDocument.Parse(line);
            _listening.TrySetResult(new Uri(json.RootElement.GetProperty("address").GetString()!));
        }
    }
}
