using System.Globalization;
using GenApi.Core.Maintenance.Moving;
using GenApi.Hosting.Verbs;

namespace GenApi.Maintenance;

/// <summary>
/// <c>move --to &lt;engine&gt; [--blobs &lt;provider&gt;]</c>, while no service runs. Exit code 0: moved; 1: moved, but the store lacks
/// bytes or has damaged ones; 2: not moved, or not to the end. The same command continues it.
/// </summary>
internal static class MoveVerb
{
    private const string To = "--to", From = "--from", Into = "--into", Blobs = "--blobs";

    private const string Summary =
        "Moves the store to another database or another place of its bytes. Exit code 0: moved, 1: moved a damaged store, 2: not moved.";

    private static readonly string[] Engines = ["sqlite", "postgres"], Providers = ["disk", "s3"];

    public static Verb Verb { get; } = new("move", Summary, RunAsync)
    {
        Options =
        [
            new(To, "engine", "moves the rows and secrets: sqlite or postgres"),
            new(Blobs, "provider", "moves the bytes: disk or s3, by the settings in Blobs"),
            new(From, "connection string", "the source, unless the settings name it or it is genapi.db in the data directory"),
            new(Into, "connection string", "the target, unless the settings name it or it is genapi.db in the data directory"),
        ],
        Store = VerbStore.Write,
    };

    private static async Task<int> RunAsync(VerbCall call)
    {
        var (to, blobs) = (call.Options.GetValueOrDefault(To), call.Options.GetValueOrDefault(Blobs));
        if (to is null && blobs is null)
            return await call.RefuseAsync($"move needs {To}, {Blobs} or both.");
        if (to is not null && !Engines.Contains(to))
            return await call.RefuseAsync($"{To} is sqlite or postgres, not '{to}'.");
        if (blobs is not null && !Providers.Contains(blobs))
            return await call.RefuseAsync($"{Blobs} is disk or s3, not '{blobs}'.");
        if (to is null && (call.Has(From) || call.Has(Into)))
            return await call.RefuseAsync($"{From} and {Into} name databases, so they need {To}.");
        await call.AnnounceAsync();
        var report = await call.Services.GetRequiredService<StoreMove>().RunAsync(
            new()
            {
                To = to,
                From = call.Options.GetValueOrDefault(From),
                Into = call.Options.GetValueOrDefault(Into),
                Blobs = blobs,
            },
            call.Progress,
            call.Stopping);
        call.Progress.Dispose();
        await Console.Out.WriteAsync(Lines(report, blobs));
        return report.IsSound ? 0 : 1;
    }

    private static string Lines(MoveReport report, string? blobs)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        if (report.Into is not null)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{report.Rows} rows of {report.Tables} tables and {report.Secrets} secrets are in '{report.Into}', "
                + $"each compared with the source."));
        }
        if (report.Blobs is { } count)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{count} blobs of {report.BlobBytes / 1048576.0:0.0} MiB are in the {blobs} store, each read back and compared."));
        }
        foreach (var (column, texts) in report.Changed)
        {
            text.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"note text_changed: {texts} texts in {column} had the character U+0000, which PostgreSQL can't store; it is U+FFFD now."));
        }
        foreach (var key in report.Missing)
            text.WriteLine($"PROBLEM blob_missing: {key} was not in the source; its rows were moved without it.");
        foreach (var key in report.Damaged)
            text.WriteLine($"PROBLEM blob_damaged: {key} had the wrong bytes in the source, so it was not moved.");
        if (report.From is not null)
        {
            text.WriteLine(
                $"A service no longer starts on '{report.From}'. It is unchanged otherwise: delete it when you no longer need it.");
        }
        return text.ToString();
    }
}
