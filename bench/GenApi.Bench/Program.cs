using System.Globalization;
using System.Runtime.InteropServices;
using GenApi.Bench;
using GenApi.Bench.Parts;
using GenApi.Bench.Rivals;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

// The same program, started by itself as a rival.
switch (args)
{
    case ["rival", var url, var answer]:
        return await KestrelRival.RunAsync(url, answer);
    case ["front", var url, var sandbox]:
        return await FileFront.RunAsync(url, new Uri(sandbox));
    case ["answer", var url, var file]:
        return await FileAnswer.RunAsync(url, file);
    case ["convert", var folder, var seconds]:
        return await Conversions.RunAsync(folder, double.Parse(seconds, CultureInfo.InvariantCulture));
    case ["grow", var folder, var atOnce]:
        return await Conversions.GrowAsync(folder, int.Parse(atOnce, CultureInfo.InvariantCulture));
}

(string Name, Func<Lab, Table, CancellationToken, Task> Run)[] parts =
[
    ("hit", HitPart.RunAsync),
    ("keys", KeysPart.RunAsync),
    ("image", ImagePart.RunAsync),
    ("miss", MissPart.RunAsync),
    ("same", SamePart.RunAsync),
    ("look", LookPart.RunAsync),
    ("memory", MemoryPart.RunAsync),
    ("start", StartPart.RunAsync),
    ("usage", UsagePart.RunAsync),
    ("search", SearchPart.RunAsync),
    ("gallery", GalleryPart.RunAsync),
    ("listeners", ListenersPart.RunAsync),
    ("restart", RestartPart.RunAsync),
    ("bodies", BodiesPart.RunAsync),
    ("images", ImagesPart.RunAsync),
    ("archive", ArchivePart.RunAsync),
    ("doors", DoorsPart.RunAsync),
    ("page", PagePart.RunAsync),
    ("engines", EnginesPart.RunAsync),
    ("cluster", ClusterPart.RunAsync),
    ("compare", ComparePart.RunAsync),
];
var unknown = args.Except(parts.Select(part => part.Name)).ToArray();
if (unknown.Length > 0)
{
    await Console.Error.WriteLineAsync(
        $"bench: there is no part called {string.Join(", ", unknown)}. Parts: {string.Join(", ", parts.Select(part => part.Name))}.");
    return 2;
}

using var stop = new CancellationTokenSource();
void OnSignal(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);

var settings = BenchSettings.FromEnvironment();
await Console.Out.WriteLineAsync(Machine.Describe(settings));
var table = new Table(row => Console.Error.WriteLine($"bench: {row}"));
var failed = false;
foreach (var (name, run) in parts.Where(part => args.Length == 0 ? part.Name != "compare" : args.Contains(part.Name)))
{
    await Console.Error.WriteLineAsync($"bench: {name}");
    var lab = new Lab(settings, name);
    try
    {
        await run(lab, table, stop.Token);
    }
    catch (OperationCanceledException) when (stop.IsCancellationRequested)
    {
        failed = true;
        table.Failed(name, "interrupted");
        break;
    }
    catch (Exception failure) when (BenchException.IsOfOnePart(failure))
    {
        // The other parts still have figures; the exit code says that this one does not.
        failed = true;
        table.Failed(name, failure.Message);
    }
    finally
    {
        await lab.DisposeAsync();
    }
}
await Console.Out.WriteLineAsync(table.Render());
await Console.Out.WriteLineAsync($"load average now {Machine.Load}");
return failed ? 1 : 0;
