using GenApi.Tests.Documentation;

namespace GenApi.Tests.Client;

/// <summary>
/// Builds a program as users do: packs the client and adds it to a new console project from a folder, the only package source.
/// </summary>
internal static class PackedClient
{
    /// <param name="dotnet">The program.</param>
    /// <param name="folder">The folder for all files.</param>
    /// <param name="program">The text of Program.cs.</param>
    /// <returns>The built program.</returns>
    public static async Task<string> BuildConsoleAsync(string dotnet, string folder, string program)
    {
        var (packages, project) = (Path.Combine(folder, "packages"), Path.Combine(folder, "fox"));
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Name;
        var client = Repository.PathOf("src/GenApi.Client/GenApi.Client.csproj");
        await Tool.RunAsync(dotnet, ["pack", client, "--no-build", "--configuration", configuration, "--output", packages], folder);
        await Tool.RunAsync(dotnet, ["new", "console", "--no-restore", "--output", project], folder);
        // A separate cache: another build of the same version must not replace this one.
        var cache = ("NUGET_PACKAGES", Path.Combine(folder, "cache"));
        await Tool.RunAsync(dotnet, ["add", project, "package", "GenApi.Client", "--source", packages], folder, cache);
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), program, TestContext.Current.CancellationToken);
        await Tool.RunAsync(dotnet, ["build", project, "--no-restore", "--output", Path.Combine(folder, "built")], folder, cache);
        return Path.Combine(folder, "built", "fox.dll");
    }
}
