using System.ComponentModel;
using System.Diagnostics;

namespace GenApi.Bench;

/// <summary>What a program prints.</summary>
internal static class Output
{
    /// <exception cref="BenchException">The program is missing or fails.</exception>
    public static async Task<string> OfAsync(IReadOnlyList<string> command, string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var text = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? text.Trim()
                : throw new BenchException($"{string.Join(' ', command)} ended with {process.ExitCode}: {await errors}");
        }
        catch (Win32Exception)
        {
            throw new BenchException($"{command[0]} is missing.");
        }
    }
}
