using System.Globalization;
using GenApi.Core.Maintenance.Backup;
using GenApi.Hosting;
using GenApi.Hosting.Verbs;

namespace GenApi.Maintenance;

/// <summary>
/// <c>backup &lt;folder&gt; [--since &lt;earlier backup&gt;]</c>, beside the running service. Exit code 0: made; 1: made, of a store that lacks bytes or has
/// damaged ones; 2: not made, and nothing is left of it.
/// </summary>
internal static class BackupVerb
{
    private const string Since = "--since";

    private const string Summary =
        "Copies database and images while the service runs. Exit code 0: made, 1: made of a damaged store, 2: not made.";

    public static Verb Verb { get; } = new("backup", Summary, RunAsync)
    {
        Words = [new("folder", "where the backup goes: a folder that is empty or not there yet, outside of the data directory")],
        Options = [new(Since, "earlier backup", "takes over what has not changed since that backup")],
        Store = VerbStore.Write,
    };

    private static async Task<int> RunAsync(VerbCall call)
    {
        await call.AnnounceAsync();
        var report = await call.Services.GetRequiredService<StoreBackup>()
            .RunAsync(call.Words[0], call.Options.GetValueOrDefault(Since), call.Progress, call.Stopping);
        call.Progress.Dispose();
        if (report.NotWritten is { } reason)
            await Console.Error.WriteLineAsync($"The data directory will not remember this backup ({reason}).");
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
            $"{report.Generations} generations ({report.Unfinished} unfinished) as of {Quantities.Moment(report.MadeAt)}, "
            + $"{report.Blobs} blobs of {report.BlobBytes / 1048576.0:0.0} MiB ({report.Shared} of them shared) in '{Path.GetFullPath(call.Words[0])}'."));
        foreach (var key in report.Missing)
            await Console.Out.WriteLineAsync($"PROBLEM blob_missing: {key} is not in the store, or can't be read; its rows are in the backup without it.");
        foreach (var key in report.Damaged)
            await Console.Out.WriteLineAsync($"PROBLEM blob_damaged: {key} is in the backup as it is in the store, with bytes that are not its own.");
        return report.IsSound ? 0 : 1;
    }
}
