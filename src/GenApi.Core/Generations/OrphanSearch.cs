using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Uploads;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations;

/// <summary>
/// Uncertain: a creation was sent and its answer never seen, by a reset or by our own death. The prediction is looked for among those that the upstream lists since
/// then; only when it is not there after the settling time was nothing made. Seeds that we chose make the match certain; where a model
/// takes none, predictions that other generations own are ruled out.
/// </summary>
internal sealed partial class OrphanSearch(
    GenerationSaves saves, ReplicateClient replicate, IDbContextFactory<GenApiDbContext> contexts, IOptions<GenerationOptions> options, ILogger<OrphanSearch> logger)
{
    /// <summary>A service that loses this many answers, each surely without a prediction, is out of order.</summary>
    private const int MostAttempts = 3;

    /// <summary>Half an hour at 600 predictions a minute, Replicate's usual limit. Where there are more, nothing is known, and so nothing is sent again.</summary>
    private const int MostPages = 200;

    /// <summary>Between our clock and the upstream's.</summary>
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>A creation is made as soon as it arrives, so what was made soon after the intent is looked through first, however much was made since.</summary>
    private static readonly TimeSpan UsualArrival = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    public async Task<TimeSpan> AdvanceAsync(GenerationRun run, CancellationToken stopping)
    {
        var generation = run.Generation;
        var since = Since(run);
        // Where an earlier process sent it, nobody knows how long ago: the clock may have been set since.
        var settled = (run.SentAt ?? run.TakenUpAt) + TimeSpan.FromSeconds(options.Value.SettleSeconds);
        var asked = run.Now;
        Prediction? found;
        try
        {
            found = await FindAsync(generation, since, stopping);
        }
        catch (GenApiException fault) when (asked < run.Deadline || ReplicateFaults.WasHeldBack(fault))
        {
            // Whatever the reason, not being told is not a "no".
            Log.CannotAsk(logger, generation.Id, fault);
            return run.Backoff(fault.RetryAfter, FirstPause, LongestPause);
        }
        catch (GenApiException fault)
        {
            Log.CannotAsk(logger, generation.Id, fault);
            await FailAsync(run, ErrorKind.UpstreamTimeout, "What became of the request could not be learned from the upstream in time.", nothingWasMade: false, stopping);
            return TimeSpan.Zero;
        }

        if (found is not null)
        {
            Log.Found(logger, generation.Id, found.Id);
            run.Failures = 0;
            run.News = found.IsTerminal ? found : null;
            run.Generation = await saves.SaveSurelyAsync(generation, row => row.MarkAccepted(found.Id, run.Now), stopping);
            return TimeSpan.Zero;
        }
        if (asked < settled)
        {
            var pause = run.Backoff(FirstPause, LongestPause);
            return asked + pause < settled ? pause : settled - asked;
        }
        return await NothingWasMadeAsync(run, stopping);
    }

    /// <summary>
    /// From when on it may have been made, by the upstream's clock. What this process sent is told by how long ago that was, however
    /// wrong our clock is or was then; the
    /// row tells the rest, and may be earlier.
    /// </summary>
    private DateTimeOffset Since(GenerationRun run)
    {
        var stamp = run.Generation.SubmittingAt!.Value;
        return run.SentAt is { } sent && replicate.Clock.Correct(sent, run.Now) is var made && made < stamp ? made : stamp;
    }

    private async Task<TimeSpan> NothingWasMadeAsync(GenerationRun run, CancellationToken stopping)
    {
        Log.NothingMade(logger, run.Generation.Id, run.Generation.Attempts);
        if (run.Generation.CancelRequestedAt is null && run.Generation.Attempts >= MostAttempts)
        {
            var reason = run.Doubt;
            await FailAsync(
                run, reason?.Kind ?? ErrorKind.UpstreamUnavailable, reason?.Message ?? "The upstream did not accept the request.", nothingWasMade: true, stopping);
            return TimeSpan.Zero;
        }
        run.Failures = 0;
        run.Generation = await saves.SaveAsync(run.Generation, row => row.MarkNotSubmitted(), stopping);
        return TimeSpan.Zero;
    }

    private async Task FailAsync(GenerationRun run, ErrorKind kind, string message, bool nothingWasMade, CancellationToken stopping) =>
        run.Generation = await saves.SaveAsync(run.Generation, row =>
        {
            if (nothingWasMade)
                row.MarkNotSubmitted();
            if (row.CancelRequestedAt is null)
                row.MarkFailed(kind, message, run.Now);
            else
                row.MarkCanceled(run.Now);
        }, stopping);

    /// <summary>Then all of the time until now: one that stands in a backup may have been sent long after it by the service that went on.</summary>
    private async Task<Prediction?> FindAsync(Generation generation, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var usual = since + UsualArrival;
        if (await FindAsync(generation, since - Skew, usual, cancellationToken) is { } soon)
            return soon;
        return usual - Skew < replicate.Clock.Now ? await FindAsync(generation, usual, null, cancellationToken) : null;
    }

    private async Task<Prediction?> FindAsync(Generation generation, DateTimeOffset since, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        string? next = null;
        for (var page = 0; page < MostPages; page++)
        {
            var listed = await replicate.ListAsync(since, until, next, cancellationToken);
            foreach (var row in await UnownedAsync(listed.Predictions, cancellationToken))
            {
                // A list row may lack its input: then the prediction itself is asked.
                var candidate = row.Input is null ? await replicate.GetAsync(row.Id, cancellationToken) : row;
                if (Matches(generation, candidate) && !await HasFilesOfAnotherAsync(generation, candidate, cancellationToken))
                    return candidate;
            }
            next = listed.NextUrl;
            if (next is null)
                return null;
        }
        throw new GenApiException(ErrorKind.UpstreamBadAnswer, "The upstream lists more predictions than could be looked through.") { IsTransient = true };
    }

    private async Task<IReadOnlyList<Prediction>> UnownedAsync(IReadOnlyList<Prediction> rows, CancellationToken cancellationToken)
    {
        var ids = rows.Select(row => row.Id).ToList();
        var owned = await contexts.ReadAsync(db => db.Set<Generation>().AsNoTracking()
            .Where(generation => generation.PredictionId != null && ids.Contains(generation.PredictionId))
            .Select(generation => generation.PredictionId!).ToHashSetAsync(cancellationToken), cancellationToken);
        return [.. rows.Where(row => !owned.Contains(row.Id))];
    }

    /// <summary>
    /// Where a file of ours stood, it shows the address of other bytes of ours: it was made for another request, which is alike in all else. An
    /// address that we do not know tells nothing.
    /// </summary>
    private async Task<bool> HasFilesOfAnotherAsync(Generation generation, Prediction prediction, CancellationToken cancellationToken)
    {
        foreach (var file in GenerationFile.Read(generation.InputFiles))
        {
            if (file.AddressIn(prediction.Input!.Value) is { } address
                && await contexts.ReadAsync(db => SentFileRows.IsOfOtherBytesAsync(db, address, file.Sha256, cancellationToken), cancellationToken))
                return true;
        }
        return false;
    }

    /// <summary>Every value we sent is there again. Replicate may rewrite files into links of its own, so those are left out.</summary>
    private static bool Matches(Generation generation, Prediction prediction)
    {
        if (generation.Version is { } version && prediction.Version is { Length: 64 } ran && ran != version)
            return false;
        if (prediction.Input is not { ValueKind: JsonValueKind.Object } input)
            return false;
        using var sent = JsonDocument.Parse(generation.Input);
        var files = GenerationFile.Read(generation.InputFiles);
        return sent.RootElement.EnumerateObject().All(member =>
            IsFile(member.Value) || files.Any(file => file.Name == member.Name) || (input.TryGetProperty(member.Name, out var seen) && JsonElement.DeepEquals(member.Value, seen)));
    }

    private static bool IsFile(JsonElement value) =>
        (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value.EnumerateArray().All(IsFile))
        || (value.ValueKind == JsonValueKind.String && value.GetString() is { } text
            && (text.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http", StringComparison.OrdinalIgnoreCase)));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Can't ask the upstream what became of {Id}")]
        public static partial void CannotAsk(ILogger logger, Guid id, Exception fault);

        [LoggerMessage(2, LogLevel.Information, "Found prediction {PredictionId} of {Id}, whose creation had not been answered")]
        public static partial void Found(ILogger logger, Guid id, string predictionId);

        [LoggerMessage(3, LogLevel.Warning, "The creation of {Id} made nothing at the upstream (attempt {Attempt})")]
        public static partial void NothingMade(ILogger logger, Guid id, int attempt);
    }
}
