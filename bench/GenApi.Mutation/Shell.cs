using System.Diagnostics;
using System.Text;

namespace GenApi.Mutation;

/// <summary>Runs a program to its end or to a time limit.</summary>
internal static class Shell
{
    /// <summary>The exit code of a program that was stopped because it took too long.</summary>
    public const int TookTooLong = -1;

    public static async Task<(int Code, string Output)> RunAsync(
        string folder, TimeSpan patience, Dictionary<string, string> environment, string program, params string[] arguments)
    {
        // In its own session, so that its children end with it.
        var start =
            new ProcessStartInfo(
                "setsid",
                ["-w", program, .. arguments])
            { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
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
