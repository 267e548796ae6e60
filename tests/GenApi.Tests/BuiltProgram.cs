using System.Diagnostics;

namespace GenApi.Tests;

/// <summary>Runs a program of the solution as a separate process. It was built and compiled ahead with these tests.</summary>
internal static class BuiltProgram
{
    /// <param name="project">The project, such as <c>GenApi.Sandbox</c>.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="settings">Keys as in appsettings.json. They become its environment; nothing of ours is inherited.</param>
    /// <param name="workingDirectory">The folder where it looks for files.</param>
    public static Process Start(
        string project, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> settings, string workingDirectory)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = Path.Combine(
            configuration.Parent!.Parent!.Parent!.FullName, "publish", project, configuration.Name, $"{project}.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            WorkingDirectory = workingDirectory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var inherited = start.Environment.Keys
            .Where(name => name.StartsWith("REPLICATE_", StringComparison.Ordinal)
                || name.StartsWith("ASPNETCORE_", StringComparison.Ordinal));
        foreach (var name in inherited.ToArray())
            start.Environment.Remove(name);
        // As in the project of these tests: the program ends before another recompilation pays off, and before its memory matters.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_GCgen0size"] = "0x4000000";
        foreach (var (key, value) in settings)
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        return Process.Start(start)!;
    }
}
