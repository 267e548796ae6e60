using System.Globalization;
using System.Text.Json;
using GenApi.Core.Maintenance.Checks;
using GenApi.Hosting.Verbs;

namespace GenApi.Maintenance;

/// <summary>
/// <c>fsck [--repair] [--read] [--json]</c>: writes the findings to stdout and the progress to stderr. Exit code 0: sound, or
/// repaired; 1: something is wrong; 2: the check failed.
/// </summary>
internal static class FsckVerb
{
    private const string Repair = "--repair", Read = "--read", Json = "--json";

    private const string Summary =
        "Checks that every row has its bytes and every byte its row. Exit code 0: sound, 1: not sound, 2: not checked.";

    public static Verb Verb { get; } = new("fsck", Summary, RunAsync)
    {
        Options =
        [
            new(Repair, null, "repairs everything that can be repaired without loss; the service must be stopped"),
            new(Read, null, "reads all bytes of an S3 store too, which may cost money; otherwise lengths are compared"),
            new(Json, null, "the report as JSON"),
        ],
        Store = VerbStore.Write,
    };

    private static async Task<int> RunAsync(VerbCall call)
    {
        await call.AnnounceAsync();
        var report = await call.Services.GetRequiredService<StoreCheck>().RunAsync(
            call.Has(Repair), call.Has(Read), call.Progress, call.Stopping);
        call.Progress.Dispose();
        if (report.NotWritten is { } reason)
            await Console.Error.WriteLineAsync($"This check could not be recorded in the data directory ({reason}).");
        var exitCode = report.IsSound ? 0 : 1;
        await Console.Out.WriteAsync(call.Has(Json) ? Document(report, exitCode) : Lines(report));
        return exitCode;
    }

    private static string Document(CheckReport report, int exitCode) => JsonSerializer.Serialize(new CheckAnswer(
        report.IsSound,
        exitCode,
        report.Directory,
        report.IsRunning,
        report.Problems,
        report.Repaired,
        report.SelfMending,
        report.Notes,
        [.. report.Findings.Select(each => new CheckFindingAnswer(Word(each.Weight), each.Kind, each.Subject, each.Sentence, each.Repair))],
        report.Generations,
        report.References,
        report.BlobsRead,
        report.BytesRead,
        Math.Round(report.Took.TotalSeconds, 3)), MaintenanceJsonContext.Answers.CheckAnswer) + "\n";

    private static string Lines(CheckReport report)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        if (report.IsRunning)
            text.WriteLine($"A service is using '{report.Directory}'; its unfinished work is not judged.");
        Write(text, report, CheckWeight.Problem, "PROBLEM ", report.Problems);
        if (report.SelfMending.Count > 0)
        {
            text.WriteLine("The service repairs these by itself; they are not problems:");
            Write(text, report, CheckWeight.SelfMending, "  ", report.SelfMending);
        }
        Write(text, report, CheckWeight.Note, "note ", null);
        text.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Generations} generations, {report.References} rows with bytes, {report.BlobsRead} blobs read "
            + $"({report.BytesRead / 1048576.0:0.0} MiB) in {report.Took.TotalSeconds:0.0} s."));
        text.WriteLine(report switch
        {
            { ProblemCount: 0 } => "Sound.",
            { IsSound: true } => $"{report.ProblemCount} problems, all repaired.",
            _ => $"{report.ProblemCount} problems, {report.Repaired} repaired.",
        });
        return text.ToString();
    }

    private static void Write(
        StringWriter text, CheckReport report, CheckWeight weight, string beginning, SortedDictionary<string, int>? counts)
    {
        foreach (var each in report.Findings.Where(each => each.Weight == weight))
            text.WriteLine($"{beginning}{each.Kind}: {Sentence(each)}{(each.Repair is null ? "" : $" Repaired: {each.Repair}.")}");
        foreach (var (kind, count) in counts ?? [])
        {
            var listed = report.Findings.Count(each => each.Weight == weight && each.Kind == kind);
            if (listed < count)
                text.WriteLine($"{beginning}{kind}: and {count - listed} more of the same.");
        }
    }

    private static string Word(CheckWeight weight) => weight switch
    {
        CheckWeight.Problem => "problem",
        CheckWeight.SelfMending => "self_mending",
        _ => "note",
    };

    private static string Sentence(CheckFinding finding) =>
        finding.Subject.Length == 0 ? finding.Sentence : $"{finding.Subject} {finding.Sentence}";
}
