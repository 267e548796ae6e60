using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Database;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using GenApi.Core.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Recovery;

/// <summary>
/// Searches the upstream's lists for the prediction of a generation whose creation was not answered, and compares it with all other such
/// generations.
/// </summary>
internal sealed partial class OrphanFinder(
    ReplicateClient replicate, UpstreamClock upstreamClock, IDbContextFactory<GenApiDbContext> contexts, ModelCatalogue models,
    IOptions<GenerationOptions> options, ILogger<OrphanFinder> logger)
{
    /// <summary>
    /// Half an hour at 600 predictions a minute, Replicate's usual limit. If there are more, nothing is known, and so nothing is sent
    /// again.
    /// </summary>
    private const int MostPages = 200;

    /// <summary>The difference allowed between our clock and the upstream's.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A creation is made as soon as it arrives. So the search begins with what was made soon after the intent, however much was made
    /// since.
    /// </summary>
    private static readonly TimeSpan UsualArrival = TimeSpan.FromMinutes(1);

    private int _hasWarned;

    /// <summary>Searches for the prediction of one generation.</summary>
    /// <param name="generation">Uncertain.</param>
    /// <param name="since">The earliest time at which it may have been made, by the upstream's clock.</param>
    /// <param name="isSettled">Whether a prediction that is not listed now was never made.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="GenApiException">The upstream can't be asked, or its list can't be searched to the end.</exception>
    public async Task<OrphanFinding> FindAsync(
        Generation generation, DateTimeOffset since, bool isSettled, CancellationToken cancellationToken)
    {
        var runs = await SentRunsAsync(generation, hasEnded: false, cancellationToken);
        var search = new Search(runs, runs.Find(run => run.Generation.Id == generation.Id)!, since);
        var usual = since + UsualArrival;
        if (await SearchAsync(search, since - Skew, usual, cancellationToken) is { } early)
            return new(OrphanFate.Found, early);
        // Then all of the time until now: the service that a backup was made of may have sent the generation long afterwards.
        if (usual - Skew < upstreamClock.Now && await SearchAsync(search, usual, null, cancellationToken) is { } late)
            return new(OrphanFate.Found, late);

        var finding = Decide(search, isSettled);
        if (finding is { Fate: OrphanFate.Found, Prediction: { } guess } && Distance(search, search.Self, guess) >= SentRun.Guess)
        {
            // Generations that ended without finding theirs count in guesses too.
            search.Runs.AddRange(await SentRunsAsync(generation, hasEnded: true, cancellationToken));
            finding = Decide(search, isSettled);
        }
        return finding;
    }

    /// <summary>Returns whether a prediction shows that it was made for this generation, and not only for the same input.</summary>
    public bool IsMarked(Generation generation, Prediction prediction) => CreationMark.IsShown(generation, LongestRun, prediction) == true;

    private TimeSpan LongestRun => TimeSpan.FromSeconds(options.Value.MaxRunSeconds);

    private OrphanFinding Decide(Search search, bool isSettled) => OrphanAssignment.Decide(
        search.Self, search.Runs, search.Candidates, (run, prediction) => Distance(search, run, prediction), isSettled);

    private int? Distance(Search search, SentRun run, Prediction prediction)
    {
        var sent = run == search.Self ? search.Since : run.Generation.SubmittingAt!.Value;
        if (prediction.CreatedAt < sent - Skew)
            return null;
        // A prediction made much later may come from a service with other settings, of which this database is a copy.
        if (!(prediction.CreatedAt >= sent + UsualArrival) && CreationMark.IsShown(run.Generation, LongestRun, prediction) == false)
            return null;
        return run.DistanceTo(prediction, search.Hashes);
    }

    /// <summary>Generations with the same prompt that were sent and have no prediction.</summary>
    private async Task<List<SentRun>> SentRunsAsync(Generation generation, bool hasEnded, CancellationToken cancellationToken)
    {
        var rows = await contexts.ReadAsync(db => db.Set<Generation>().AsNoTracking()
            .Where(row => row.PredictionId == null && row.SubmittingAt != null)
            .Where(row => row.Upstream == generation.Upstream && row.Prompt == generation.Prompt)
            .Where(row => hasEnded ? row.CompletedAt != null : row.CompletedAt == null)
            .ToListAsync(cancellationToken), cancellationToken);
        if (!hasEnded)
        {
            // The generation as the worker knows it, whatever has become of its row.
            rows.RemoveAll(row => row.Id == generation.Id);
            rows.Add(generation);
        }
        var runs = new List<SentRun>(rows.Count);
        foreach (var row in rows)
            runs.Add(new SentRun(row, await models.InputOfAsync(row.Model, row.Version, cancellationToken)));
        return runs;
    }

    /// <returns>
    /// A prediction that is equal while no other generation asks for the same, so that it needs no comparison with the rest.
    /// </returns>
    private async Task<Prediction?> SearchAsync(
        Search search, DateTimeOffset since, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        string? next = null;
        for (var page = 0; page < MostPages; page++)
        {
            var listed = await replicate.ListAsync(since, until, next, cancellationToken);
            foreach (var row in await UnownedAsync(listed.Predictions, cancellationToken))
            {
                if (!search.Runs.Exists(run => run.MayRun(row)))
                    continue;
                // A row may lack its input or its deadline. Then the prediction itself is read, if it can matter.
                var whole = row.Input is null ? await replicate.GetAsync(row.Id, cancellationToken) : row;
                await KnowFilesAsync(search, whole, cancellationToken);
                if (search.Self.DistanceTo(whole, search.Hashes) is not null && whole.Deadline is null && ReferenceEquals(whole, row))
                {
                    var asked = await replicate.GetAsync(row.Id, cancellationToken);
                    whole = row with { Deadline = asked.Deadline, CreatedAt = row.CreatedAt ?? asked.CreatedAt };
                }
                search.Candidates.Add(whole);
                await WarnOfOthersAsync(search, whole, cancellationToken);
                if (search.IsAlone && Distance(search, search.Self, whole) == SentRun.Equal)
                    return whole;
            }
            next = listed.NextUrl;
            if (next is null)
                return null;
        }
        throw new GenApiException(ErrorKind.UpstreamBadAnswer, "The upstream lists more predictions than could be searched.")
        {
            IsTransient = true,
        };
    }

    private async Task<IReadOnlyList<Prediction>> UnownedAsync(IReadOnlyList<Prediction> rows, CancellationToken cancellationToken)
    {
        var ids = rows.Select(row => row.Id).ToList();
        var owned = await contexts.ReadAsync(db => db.Set<Generation>().AsNoTracking()
            .Where(generation => generation.PredictionId != null && ids.Contains(generation.PredictionId))
            .Select(generation => generation.PredictionId!).ToHashSetAsync(cancellationToken), cancellationToken);
        return [.. rows.Where(row => !owned.Contains(row.Id))];
    }

    /// <summary>Reads which bytes of ours are behind the addresses in an input.</summary>
    private async Task KnowFilesAsync(Search search, Prediction prediction, CancellationToken cancellationToken)
    {
        if (!search.HasFiles || prediction.Input is not { ValueKind: JsonValueKind.Object } input)
            return;
        var addresses = input.EnumerateObject()
            .SelectMany(member => member.Value.ValueKind == JsonValueKind.Array
                ? member.Value.EnumerateArray() : Enumerable.Repeat(member.Value, 1))
            .Where(value => value.ValueKind == JsonValueKind.String).Select(value => value.GetString()!)
            .Where(text => text.StartsWith("http", StringComparison.OrdinalIgnoreCase) && !search.Hashes.ContainsKey(text))
            .Distinct().ToList();
        if (addresses.Count == 0)
            return;
        var known = await contexts.ReadAsync(db => SentFileRows.HashesOfAsync(db, addresses, cancellationToken), cancellationToken);
        foreach (var (address, hash) in known)
            search.Hashes[address] = hash;
    }

    /// <summary>
    /// Warns once about a prediction that asks for the same as this generation, when its mark shows that none of ours made it.
    /// </summary>
    private async Task WarnOfOthersAsync(Search search, Prediction prediction, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _hasWarned) > 0 || search.Self.DistanceTo(prediction, search.Hashes) is not < SentRun.Guess)
            return;
        if (!IsStrange(search.Runs) || !IsStrange(await SentRunsAsync(search.Self.Generation, hasEnded: true, cancellationToken)))
            return;
        if (Interlocked.Exchange(ref _hasWarned, 1) == 0)
            Log.OthersHere(logger, prediction.Id, search.Self.Generation.PublicId);

        bool IsStrange(List<SentRun> runs) => runs.TrueForAll(run => CreationMark.IsShown(run.Generation, LongestRun, prediction) == false);
    }

    private sealed class Search(List<SentRun> runs, SentRun self, DateTimeOffset since)
    {
        public List<SentRun> Runs => runs;

        public SentRun Self => self;

        /// <summary>The earliest time at which the prediction of <see cref="Self"/> may have been made.</summary>
        public DateTimeOffset Since => since;

        /// <summary>True if no other generation asks for the same input.</summary>
        public bool IsAlone { get; } = !runs.Exists(run => run != self && run.IsAlike(self));

        public bool HasFiles { get; } = runs.Exists(run => run.HasFiles);

        public List<Prediction> Candidates { get; } = [];

        /// <summary>The hashes of our bytes, by their addresses at the upstream.</summary>
        public Dictionary<string, string> Hashes { get; } = new(StringComparer.Ordinal);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Prediction {PredictionId} asks for the same as {GenerationId} and was made by somebody else: "
            + "another installation or program uses this account. Give each installation a separate account")]
        public static partial void OthersHere(ILogger logger, string predictionId, string generationId);
    }
}
