using System.Globalization;
using System.Text.RegularExpressions;
using GenApi.Mutation;

// GenApi.Mutation REPOSITORY [--sample N] [--seed N] [--seconds N] [--workers N] [--tests REGEX] FILE...   See bench/README.md.
var options = new Dictionary<string, string>(StringComparer.Ordinal);
var files = new List<string>();
for (var i = 1; i < args.Length; i++)
{
    if (args[i].StartsWith("--", StringComparison.Ordinal))
        options[args[i]] = args[++i];
    else
        files.Add(args[i]);
}
int Number(string name, int otherwise) => options.TryGetValue(name, out var text)
    ? int.Parse(text, CultureInfo.InvariantCulture)
    : otherwise;

var seed = Number("--seed", 1);
var seconds = Number("--seconds", 90);
var workers = Number("--workers", 2);
var folder = options.GetValueOrDefault("--folder") ?? Directory.CreateTempSubdirectory("genapi-mutation-").FullName;
var say = (string line) => Console.Error.WriteLine($"mutation: {line}");

var trial = new Trial(args[0], folder, files);
await trial.BuildAsync();
say($"{trial.Mutants.Count} mutants in {files.Count} files ({trial.Dropped} more do not compile), in {folder}");

var tests = new Tests(trial);
var classes = await tests.MeasureAsync(
    new Regex(options.GetValueOrDefault("--tests") ?? ".", RegexOptions.None, TimeSpan.FromSeconds(1)), workers, say);
say($"{classes.Count} classes of tests, {classes.Sum(each => each.Duration.TotalSeconds):F0} s one after another");

var drawn = trial.Mutants.ToArray();
new Random(seed).Shuffle(drawn);
drawn = [.. drawn.Take(Number("--sample", drawn.Length))];

// The classes that meet the fewest other mutants come first, and hardly more than the time allows.
IReadOnlyList<TestClass> Judges(Mutant mutant)
{
    var time = TimeSpan.Zero;
    return [.. classes.Where(each => each.Meets.Contains(mutant.Id)).OrderBy(each => each.Meets.Count * each.Duration.TotalSeconds)
        .TakeWhile(each => (time += each.Duration) - each.Duration < TimeSpan.FromSeconds(seconds))];
}

var survivors = new List<(Mutant Mutant, string Why)>();
var (caught, done) = (0, 0);
await Parallel.ForEachAsync(drawn, new ParallelOptions { MaxDegreeOfParallelism = workers }, async (mutant, _) =>
{
    string? failure = null;
    var judges = Judges(mutant);
    foreach (var some in judges.Take(3).ToArray() is { Length: > 0 } first ? new[] { first, [.. judges.Skip(3)] } : [])
        failure ??= some.Length > 0 ? await tests.FirstFailureAsync(mutant.Id, some) : null;
    lock (survivors)
    {
        if (failure is not null)
            caught++;
        else
            survivors.Add((mutant, judges.Count == 0 ? "met by no test" : $"{judges.Count} classes passed"));
        say($"{++done}/{drawn.Length} {(failure is null ? "SURVIVED" : "caught")} {mutant} {failure}");
    }
});

// The same runs without a mutant: a failure here would have counted as caught.
var control = 0;
foreach (var mutant in drawn.Take(10))
{
    if (Judges(mutant) is { Count: > 0 } judges && await tests.FirstFailureAsync(null, judges) is not null)
        control++;
}

Console.WriteLine($"{caught} of {drawn.Length} mutants caught ({100.0 * caught / Math.Max(1, drawn.Length):F1} %), drawn "
    + $"from {trial.Mutants.Count} with seed {seed}; {control} of 10 runs without a mutant failed");
foreach (var (mutant, why) in survivors.OrderBy(each => each.Mutant.File, StringComparer.Ordinal).ThenBy(each => each.Mutant.Line))
    Console.WriteLine($"survived: {mutant} ({why})");
return 0;
