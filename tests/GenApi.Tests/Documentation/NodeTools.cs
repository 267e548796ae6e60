using System.Security.Cryptography;

namespace GenApi.Tests.Documentation;

/// <summary>
/// Public programs that run on Node, listed in <c>Documentation/node</c>. They are installed once per lock file in the artifacts folder and
/// shared by all tests. The lock file has versions and hashes but no registry, so npm uses its own. If it reaches none, the tests are
/// skipped.
/// </summary>
internal static class NodeTools
{
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="package">The program's path, from its package on: <c>typescript/lib/tsc.js</c>.</param>
    /// <param name="folder">The working folder.</param>
    /// <returns>The text on stdout.</returns>
    public static async Task<string> RunAsync(string package, string[] arguments, string folder) =>
        await RunAsync([Path.Combine(await Installed.Value, package), .. arguments], folder);

    /// <summary>Runs Node itself. Scripts find the packages by name.</summary>
    /// <inheritdoc cref="RunAsync(string, string[], string)"/>
    public static async Task<string> RunAsync(string[] arguments, string folder) =>
        await Tool.RunAsync(Tool.Require("node"), arguments, folder, ("NODE_PATH", await Installed.Value));

    /// <summary>Returns the path of a file of a package, for a program that runs longer than a call.</summary>
    public static async Task<string> PathOfAsync(string package) => Path.Combine(await Installed.Value, package);

    /// <summary>Links the packages into a folder: imported modules are found nowhere else.</summary>
    public static async Task LinkAsync(string folder) =>
        Directory.CreateSymbolicLink(Path.Combine(folder, "node_modules"), await Installed.Value);

    private static async Task<string> InstallAsync()
    {
        var npm = Tool.Require("npm");
        string[] files = ["package.json", "package-lock.json"];
        var source = Repository.PathOf("tests/GenApi.Tests/Documentation/node");
        var hash = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(source, files[1]))));
        var folder = Repository.PathOf($"artifacts/node/{hash[..16]}");
        if (!Directory.Exists(folder))
        {
            // Complete or absent: an interrupted run leaves nothing that looks installed.
            var unfinished = Directory.CreateDirectory($"{folder}-{Environment.ProcessId}").FullName;
            foreach (var file in files)
                File.Copy(Path.Combine(source, file), Path.Combine(unfinished, file), overwrite: true);
            try
            {
                await Tool.RunAsync(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], unfinished);
            }
            catch (Xunit.Sdk.XunitException failure)
            {
                Assert.Skip($"The npm packages of tests/GenApi.Tests/Documentation/node can't be had here: {failure.Message}");
            }
            try
            {
                Directory.Move(unfinished, folder);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                // Another run was faster.
                Directory.Delete(unfinished, recursive: true);
            }
        }
        return Path.Combine(folder, "node_modules");
    }
}
