using System.Diagnostics;

namespace GenApi.Tests.Documentation;

/// <summary>A program of the machine that an example needs. If it is missing, the test is skipped; .ci/run installs it.</summary>
internal static class Tool
{
    /// <summary>The time limit; a C# file must be built before it runs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <returns>The path.</returns>
    public static string Require(params string[] names)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var found = names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        if (found is null)
            Assert.Skip($"{names[0]} is not installed on this machine; .ci/run installs it.");
        return found;
    }

    /// <summary>Runs a program to its end, which must be success.</summary>
    /// <returns>The text on stdout.</returns>
    public static async Task<string> RunAsync(
        string program, string[] arguments, string folder, params (string Name, string Value)[] environment)
    {
        var (exitCode, output, errors) = await RunToEndAsync(program, arguments, folder, environment);
        Assert.True(exitCode == 0, $"{Path.GetFileName(program)} {string.Join(' ', arguments)} ended with {exitCode}:\n{output}\n{errors}");
        return output;
    }

    /// <summary>Runs a program to its end, successful or not.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunToEndAsync(
        string program, string[] arguments, string folder, params (string Name, string Value)[] environment)
    {
        var start =
            new ProcessStartInfo(
                program, arguments)
            { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        // The cache of `dotnet run` for a single file goes with the folder. Nothing of this build may influence it.
        start.Environment["XDG_DATA_HOME"] = Directory.CreateDirectory(Path.Combine(folder, ".local")).FullName;
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment.Remove("GENAPI_KEY");
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
