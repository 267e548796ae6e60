using System.Diagnostics;

namespace GenApi.Tests;

/// <summary>A program of the solution as it was built and compiled ahead with these tests, run as a process of its own.</summary>
internal static class BuiltProgram
{
    /// <param name="project">Such as <c>GenApi.Sandbox</c>.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="settings">Keys as in appsettings.json; they go into its environment, and nothing of ours does.</param>
    /// <param name="workingDirectory">Where it looks for files.</param>
    public static Process Start(string project, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> settings, string workingDirectory)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(configuration.Parent!.Parent!.Parent!.FullName, "publish", project, configuration.Name, $"{project}.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("REPLICATE_", StringComparison.Ordinal) || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(name);
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        return Process.Start(start)!;
    }
}
