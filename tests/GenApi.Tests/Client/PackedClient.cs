using GenApi.Tests.Documentation;

namespace GenApi.Tests.Client;

/// <summary>
/// The client as somebody else uses it: packed, and added to a new console project from a folder, which is the only source of packages.
/// </summary>
internal static class PackedClient
{
    /// <param name="dotnet">The program.</param>
    /// <param name="folder">For everything that is made.</param>
    /// <param name="program">The text of Program.cs.</param>
    /// <returns>The built program.</returns>
    public static async Task<string> BuildConsoleAsync(string dotnet, string folder, string program)
    {
        var (packages, project) = (Path.Combine(folder, "packages"), Path.Combine(folder, "fox"));
        var configuration = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Name;
        var client = Repository.PathOf("src/GenApi.Client/GenApi.Client.csproj");
        await Tool.RunAsync(dotnet, ["pack", client, "--no-build", "--configuration", configuration, "--output", packages], folder);
        await Tool.RunAsync(dotnet, ["new", "console", "--no-restore", "--output", project], folder);
        // A cache of its own: another build of the same version must not stand in for this one.
        var cache = ("NUGET_PACKAGES", Path.Combine(folder, "cache"));
        await Tool.RunAsync(dotnet, ["add", project, "package", "GenApi.Client", "--source", packages], folder, cache);
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), program, TestContext.Current.CancellationToken);
        await Tool.RunAsync(dotnet, ["build", project, "--no-restore", "--output", Path.Combine(folder, "built")], folder, cache);
        return Path.Combine(folder, "built", "fox.dll");
    }
}
