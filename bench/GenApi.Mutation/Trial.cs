using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;

namespace GenApi.Mutation;

/// <summary>A copy of the repository, built with its tests, in which the given files hold all their mutants.</summary>
internal sealed partial class Trial(string repository, string folder, IReadOnlyList<string> files)
{
    /// <summary>Dropping a mutant can reveal the next error. More rounds than this mean that the rules are wrong.</summary>
    private const int MostBuilds = 12;

    private readonly HashSet<int> _dropped = [];

    public string Folder => folder;

    public IReadOnlyList<Mutant> Mutants { get; private set; } = [];

    public int Dropped => _dropped.Count;

    /// <summary>The next free number.</summary>
    public int Numbers { get; private set; }

    public async Task BuildAsync()
    {
        await CopyAsync();
        for (var build = 0; build < MostBuilds; build++)
        {
            Rewrite();
            var (code, output) = await Shell.RunAsync(
                folder, TimeSpan.FromMinutes(20), [], "dotnet", "build", "src/GenApi", "-v", "quiet", "--nologo",
                "-p:Analyzers=false", "-p:TreatWarningsAsErrors=false", "-p:AllowUnsafeBlocks=true");
            if (code == 0)
            {
                await BuildTestsAsync();
                return;
            }
            if (!Drop(output))
                throw new InvalidOperationException($"The mutated code does not build:\n{output}");
        }
        throw new InvalidOperationException($"The mutated code still does not build after {MostBuilds} rounds.");
    }

    private async Task CopyAsync()
    {
        var (code, output) = await Shell.RunAsync(
            repository, TimeSpan.FromMinutes(2), [], "git", "ls-files", "--cached", "--others", "--exclude-standard");
        if (code != 0)
            throw new InvalidOperationException(output);
        var files = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach (var file in files.Where(file => File.Exists(Path.Combine(repository, file))))
        {
            var target = Path.Combine(folder, file);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(Path.Combine(repository, file), target, overwrite: true);
        }
        File.Copy(
            Path.Combine(AppContext.BaseDirectory, "MutantSwitch.txt"),
            Path.Combine(folder, "src/GenApi.Core/MutantSwitch.cs"),
            overwrite: true);
    }

    private void Rewrite()
    {
        var next = 0;
        var all = new List<Mutant>();
        foreach (var file in files)
        {
            var root = CSharpSyntaxTree.ParseText(File.ReadAllText(Path.Combine(repository, file))).GetRoot();
            var mutator = new Mutator(file, () => next++, _dropped);
            File.WriteAllText(Path.Combine(folder, file), mutator.Visit(root).ToFullString());
            all.AddRange(mutator.Mutants);
        }
        (Mutants, Numbers) = (all, next);
    }

    /// <summary>
    /// Drops every mutant on a line with an error. If there is none, drops those of the lines just above: a variable may be missing below
    /// its mutant.
    /// </summary>
    /// <returns>False if no error leads to a mutant.</returns>
    private bool Drop(string output)
    {
        var before = _dropped.Count;
        foreach (Match error in ErrorLine().Matches(output))
        {
            var path = error.Groups["file"].Value;
            if (!File.Exists(path))
                continue;
            var lines = File.ReadAllLines(path);
            for (var line = int.Parse(error.Groups["line"].Value, null) - 1; line >= 0; line--)
            {
                var ids = SwitchNumber().Matches(lines[line]).Select(
                    match => int.Parse(match.Groups[1].Value, null)).Where(id => !_dropped.Contains(id)).ToList();
                if (ids.Count == 0)
                    continue;
                _dropped.UnionWith(ids);
                break;
            }
        }
        return _dropped.Count > before;
    }

    private async Task BuildTestsAsync()
    {
        var (code, output) = await Shell.RunAsync(
            folder, TimeSpan.FromMinutes(20), [], "dotnet", "build", "tests/GenApi.Tests", "-v", "quiet", "--nologo",
            "-p:RunAnalyzers=false", "-p:TreatWarningsAsErrors=false", "-p:AllowUnsafeBlocks=true");
        if (code != 0)
            throw new InvalidOperationException($"The tests do not build over the mutated code:\n{output}");
    }

    [GeneratedRegex(@"^\s*(?<file>[^\s(][^(\n]*\.cs)\((?<line>\d+),\d+\): error", RegexOptions.Multiline)]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"MutantSwitch\.(?:Is|Off)\((\d+)\)")]
    private static partial Regex SwitchNumber();
}
