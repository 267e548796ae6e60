using System.Diagnostics;
using System.Text.RegularExpressions;

namespace GenApi.Mutation;

/// <summary>One class of tests, how long it takes, and which mutants it meets.</summary>
internal sealed record TestClass(string Name, TimeSpan Duration, IReadOnlySet<int> Meets);

/// <summary>Runs classes of tests of a <see cref="Trial"/>, each run in a process of its own.</summary>
internal sealed partial class Tests(Trial trial)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private string Program => Path.Combine(trial.Folder, "artifacts/bin/GenApi.Tests/debug/GenApi.Tests");

    /// <summary>Each class once with no mutant on. A class that fails here can tell nothing, and is left out.</summary>
    public async Task<IReadOnlyList<TestClass>> MeasureAsync(Regex wanted, int workers, Action<string> say)
    {
        var names = (await RunAsync([], "-list", "classes")).Output.Split('\n', StringSplitOptions.TrimEntries).Where(name => name.StartsWith("GenApi.Tests.", StringComparison.Ordinal) && wanted.IsMatch(name));
        var classes = new List<TestClass>();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = workers }, async (name, _) =>
        {
            var met = Path.Combine(trial.Folder, "artifacts", $"met-{name}");
            await File.WriteAllBytesAsync(met, new byte[trial.Numbers + 1], CancellationToken.None);
            var clock = Stopwatch.StartNew();
            var (code, output) = await RunAsync(new() { ["MUTANT_COVERAGE"] = met }, "-class", name);
            if (code != 0)
            {
                say($"left out, as it fails without a mutant: {name}\n{string.Join('\n', output.Split('\n').Where(line => line.Contains("[FAIL]", StringComparison.Ordinal)))}");
                return;
            }
            var bytes = await File.ReadAllBytesAsync(met, CancellationToken.None);
            lock (classes)
                classes.Add(new TestClass(name, clock.Elapsed, trial.Mutants.Select(mutant => mutant.Id).Where(id => bytes[id] != 0).ToHashSet()));
        });
        return classes;
    }

    /// <returns>The first failing test's line; null: all passed, so nobody noticed the mutant.</returns>
    public async Task<string?> FirstFailureAsync(int? mutant, IReadOnlyList<TestClass> classes)
    {
        var environment = new Dictionary<string, string>();
        if (mutant is { } id)
            environment["MUTANT"] = $"{id}";
        var (code, output) = await RunAsync(environment, [.. classes.SelectMany(each => new[] { "-class", each.Name }), "-stopOnFail", "-maxThreads", "3"]);
        if (code == 0)
            return null;
        return output.Split('\n').FirstOrDefault(line => line.Contains("[FAIL]", StringComparison.Ordinal))?.Trim() ?? (code == Shell.TookTooLong ? "took too long" : "the run ended");
    }

    private Task<(int Code, string Output)> RunAsync(Dictionary<string, string> environment, params string[] arguments) =>
        Shell.RunAsync(Path.GetDirectoryName(Program)!, Patience, environment, Program, ["-noLogo", "-noColor", .. arguments]);
}
