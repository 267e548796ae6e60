using System.Globalization;
using GenApi.Core.Maintenance.Backup;
using GenApi.Hosting;
using GenApi.Hosting.Verbs;

namespace GenApi.Maintenance;

/// <summary>
/// <c>backup &lt;folder&gt; [--since &lt;earlier backup&gt;]</c>, also next to a running service. Exit code 0: made; 1: made, but the store
/// lacks bytes or has damaged ones; 2: not made, and nothing is left behind.
/// </summary>
internal static class BackupVerb
{
    private const string Since = "--since";

    private const string Summary =
        "Copies database and images while the service runs. Exit code 0: made, 1: made from a damaged store, 2: not made.";

    public static Verb Verb { get; } = new("backup", Summary, RunAsync)
    {
        Words = [new("folder", "the target: an empty or new folder outside the data directory")],
        Options = [new(Since, "earlier backup", "reuses the bytes that have not changed since that backup")],
        Store = VerbStore.Write,
    };

    private static async Task<int> RunAsync(VerbCall call)
    {
        await call.AnnounceAsync();
        var report = await call.Services.GetRequiredService<StoreBackup>()
            .RunAsync(call.Words[0], call.Options.GetValueOrDefault(Since), call.Progress, call.Stopping);
        call.Progress.Dispose();
        if (report.NotWritten is { } reason)
            await Console.Error.WriteLineAsync($"This backup could not be recorded in the data directory ({reason}).");
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{report.Generations} generations ({report.Unfinished} unfinished) as of {Quantities.Moment(report.MadeAt)}, "
            + $"{report.Blobs} blobs of {report.BlobBytes / 1048576.0:0.0} MiB ({report.Shared} of them shared) in "
            + $"'{Path.GetFullPath(call.Words[0])}'."));
        foreach (var key in report.Missing)
        {
            await Console.Out.WriteLineAsync(
                $"PROBLEM blob_missing: {key} is not in the store, or can't be read; its rows are in the backup without it.");
        }
        foreach (var key in report.Damaged)
        {
            await Console.Out.WriteLineAsync(
                $"PROBLEM blob_damaged: {key} has the wrong bytes in the store, and so in the backup.");
        }
        return report.IsSound ? 0 : 1;
    }
}
