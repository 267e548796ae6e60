using System.Security.Cryptography;

namespace GenApi.Tests.Documentation;

/// <summary>
/// Programs by others that run on Node, as <c>Documentation/node</c> names them. They are installed once for each lock file, beside what is
/// built, and shared by all tests. The lock file names versions and hashes and no registry, so they come from whatever registry npm is set
/// up for. Where it reaches none, the tests are skipped.
/// </summary>
internal static class NodeTools
{
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="package">Whose program it is, and where in the package: <c>typescript/lib/tsc.js</c>.</param>
    /// <param name="folder">Where it runs.</param>
    /// <returns>What it wrote to stdout.</returns>
    public static async Task<string> RunAsync(string package, string[] arguments, string folder) =>
        await RunAsync([Path.Combine(await Installed.Value, package), .. arguments], folder);

    /// <summary>Runs Node itself; scripts find the packages by their names.</summary>
    /// <inheritdoc cref="RunAsync(string, string[], string)"/>
    public static async Task<string> RunAsync(string[] arguments, string folder) =>
        await Tool.RunAsync(Tool.Require("node"), arguments, folder, ("NODE_PATH", await Installed.Value));

    /// <summary>Makes the packages those of a folder: modules that are imported are looked for nowhere else.</summary>
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
            // Whole or not there: a run that is ended half way leaves nothing that looks installed.
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
            Directory.Move(unfinished, folder);
        }
        return Path.Combine(folder, "node_modules");
    }
}
