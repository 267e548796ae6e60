using System.Diagnostics;
using System.Text;

namespace GenApi.Mutation;

/// <summary>Runs one program to its end, or to the end of our patience.</summary>
internal static class Shell
{
    /// <summary>The code of a program that was stopped because it took too long.</summary>
    public const int TookTooLong = -1;

    public static async Task<(int Code, string Output)> RunAsync(string folder, TimeSpan patience, Dictionary<string, string> environment, string program, params string[] arguments)
    {
        // In a session of its own, so that what it started ends with it.
        var start = new ProcessStartInfo("setsid", ["-w", program, .. arguments]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = new StringBuilder();
        void Keep(object sender, DataReceivedEventArgs line)
        {
            lock (output)
                output.AppendLine(line.Data);
        }
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var late = new CancellationTokenSource(patience);
        var code = TookTooLong;
        try
        {
            await process.WaitForExitAsync(late.Token);
            code = process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }
        lock (output)
            return (code, output.ToString());
    }
}
