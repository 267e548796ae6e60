using System.Diagnostics;
using System.Text.RegularExpressions;

namespace GenApi.Mutation;

/// <summary>A test class with its duration and the mutants it meets.</summary>
internal sealed record TestClass(string Name, TimeSpan Duration, IReadOnlySet<int> Meets);

/// <summary>Runs test classes of a <see cref="Trial"/>, each run in a separate process.</summary>
internal sealed partial class Tests(Trial trial)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private string Program => Path.Combine(trial.Folder, "artifacts/bin/GenApi.Tests/debug/GenApi.Tests");

    /// <summary>Runs each class once with no mutant on. A class that fails here proves nothing and is left out.</summary>
    public async Task<IReadOnlyList<TestClass>> MeasureAsync(Regex wanted, int workers, Action<string> say)
    {
        var names = (await RunAsync([], "-list", "classes")).Output.Split('\n', StringSplitOptions.TrimEntries).Where(
            name => name.StartsWith("GenApi.Tests.", StringComparison.Ordinal) && wanted.IsMatch(name));
        var classes = new List<TestClass>();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = workers }, async (name, _) =>
        {
            var met = Path.Combine(trial.Folder, "artifacts", $"met-{name}");
            await File.WriteAllBytesAsync(met, new byte[trial.Numbers + 1], CancellationToken.None);
            var clock = Stopwatch.StartNew();
            var (code, output) = await RunAsync(new() { ["MUTANT_COVERAGE"] = met }, "-class", name);
            if (code != 0)
            {
                var failed = output.Split('\n').Where(line => line.Contains("[FAIL]", StringComparison.Ordinal));
                say($"left out, as it fails without a mutant: {name}\n{string.Join('\n', failed)}");
                return;
            }
            var bytes = await File.ReadAllBytesAsync(met, CancellationToken.None);
            lock (classes)
                classes.Add(
                    new TestClass(name, clock.Elapsed, trial.Mutants.Select(mutant => mutant.Id).Where(id => bytes[id] != 0).ToHashSet()));
        });
        return classes;
    }

    /// <returns>The line of the first failing test; null: all passed, so the mutant survived.</returns>
    public async Task<string?> FirstFailureAsync(int? mutant, IReadOnlyList<TestClass> classes)
    {
        var environment = new Dictionary<string, string>();
        if (mutant is { } id)
            environment["MUTANT"] = $"{id}";
        var (code, output) = await RunAsync(
            environment, [.. classes.SelectMany(each => new[] { "-class", each.Name }), "-stopOnFail", "-maxThreads", "3"]);
        if (code == 0)
            return null;
        return output.Split('\n').FirstOrDefault(line => line.Contains("[FAIL]", StringComparison.Ordinal))?.Trim() ?? (
            code == Shell.TookTooLong ? "took too long" : "the run ended");
    }

    private Task<(int Code, string Output)> RunAsync(Dictionary<string, string> environment, params string[] arguments) =>
        Shell.RunAsync(Path.GetDirectoryName(Program)!, Patience, environment, Program, ["-noLogo", "-noColor", .. arguments]);
}
