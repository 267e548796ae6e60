using System.Text.Json;
using GenApi.Core.Generations;
using GenApi.Core.Generations.Recovery;

namespace GenApi.Tests.Generations;

/// <summary>Sends generations whose answers are lost, and searches the upstream's list for one of them.</summary>
public abstract class OrphanFinderSuite : IClassFixture<CoreRig>
{
    protected OrphanFinderSuite(CoreRig rig)
    {
        Rig = rig;
        Rig.Forget();
        List = new UpstreamList(rig);
        List.Serve();
        Finder = rig.Make<OrphanFinder>();
    }

    private protected CoreRig Rig { get; }

    private protected UpstreamList List { get; }

    private protected OrphanFinder Finder { get; }

    protected string Prompt { get; } = Guid.CreateVersion7(DateTimeOffset.UnixEpoch).ToString();

    protected DateTimeOffset Beginning => List.Beginning;

    private protected async Task<Generation> SentAsync(
        object? input = null, string upstream = "replicate", string? files = null, double sent = 0, Action<Generation>? change = null)
    {
        var text = JsonSerializer.Serialize(input ?? new { prompt = Prompt });
        var row = Generation.Accept(CoreRig.New(Prompt, text, files: files, upstream: upstream), Beginning);
        var at = Beginning.AddSeconds(sent);
        row.MarkSubmitting(at, at, TimeSpan.FromSeconds(900));
        change?.Invoke(row);
        return await Rig.AddAsync(row);
    }

    private protected static double Allowed(Generation run) => run.CancelAfterSeconds!.Value;

    private protected Task<OrphanFinding> FindAsync(Generation run, DateTimeOffset? since = null, bool isSettled = true) =>
        Finder.FindAsync(run, since ?? Beginning, isSettled, CoreRig.Stop);
}
