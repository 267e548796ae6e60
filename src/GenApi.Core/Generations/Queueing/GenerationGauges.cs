using System.Diagnostics.Metrics;
using System.Text.Json;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Signals;
using GenApi.Core.Images;
using GenApi.Core.Persistence;
using GenApi.Core.Persistence.Rows;
using GenApi.Core.Replicate;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Core.Generations.Queueing;

/// <summary>
/// Reports the state of the service to the meter: how much is open and since when, how much is stored, who listens. The database is read
/// only when somebody reads the meter, and then at most once a second.
/// </summary>
internal sealed class GenerationGauges
{
    private const string OldestClaimable =
        """
        SELECT "Id", "CreatedAt" FROM "Generations" WHERE "CompletedAt" IS NULL AND "Lease_Owner" IS NULL AND "Upstream" = @p0
        ORDER BY "Number" LIMIT 1
        """;

    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>Counting images reads an index as large as the store.</summary>
    private static readonly TimeSpan StoreFreshFor = TimeSpan.FromMinutes(1);

    private readonly GenApiMetrics _metrics;
    private readonly IDbContextFactory<GenApiDbContext> _contexts;
    private readonly IDatabaseHealth _health;
    private readonly ReplicateUpstream _upstream;
    private readonly GenerationTimelines _timelines;
    private readonly TimeProvider _time;
    private readonly Lock _reading = new();
    private (long At, IReadOnlyList<OpenRow> Rows) _open = (0, []);
    private (long At, double Seconds) _claimable;
    private (long At, long Images, long Bytes) _store;

    public GenerationGauges(
        GenApiMetrics metrics, IDbContextFactory<GenApiDbContext> contexts, IDatabaseHealth health, GenerationSignals signals,
        ReplicateUpstream upstream, GenerationTimelines timelines, TimeProvider time)
    {
        (_metrics, _contexts, _health, _upstream, _timelines, _time) = (metrics, contexts, health, upstream, timelines, time);
        metrics.Meter.CreateObservableGauge(
            "genapi.generations.open", () => Open().Select(row => new Measurement<long>(row.Count, Status(row.Status))), "{generation}",
            "Generations that have not ended, by status.");
        metrics.Meter.CreateObservableGauge(
            "genapi.queue.oldest.age", OldestAge, "s", "How long the oldest queued generation has been waiting; 0: none waits.");
        metrics.Meter.CreateObservableGauge(
            "genapi.queue.claimable.age", () => ClaimableAge.TotalSeconds, "s",
            "How long ago the oldest generation was accepted that no instance works on; 0: there is none.");
        metrics.Meter.CreateObservableGauge(
            "genapi.listeners", () => signals.Count, "{listener}", "Callers that wait for a generation or follow one.");
        metrics.Meter.CreateObservableGauge(
            "genapi.store.images", () => Store().Images, "{image}", "Images that are kept, as of the last minute.");
        metrics.Meter.CreateObservableGauge(
            "genapi.store.bytes", () => Store().Bytes, "By",
            "Their bytes, counted for each image: the same bytes are on the disk once.");
    }

    /// <summary>
    /// The time since the acceptance of the oldest generation that nobody works on and that this instance could claim; zero: there is none.
    /// It is as of the last second.
    /// </summary>
    public TimeSpan ClaimableAge
    {
        get
        {
            lock (_reading)
            {
                var name = _upstream.IsChosen ? _upstream.Name : "";
                if (!IsFresh(_claimable.At, FreshFor)
                    && Read(db => db.Query(OldestClaimable, static row => (Id: row.Id(), CreatedAt: row.Time()), name)) is { } rows)
                {
                    _claimable = (_time.GetTimestamp(), rows is [var oldest]
                        ? (_timelines.NowOf(oldest.Id, oldest.CreatedAt) - oldest.CreatedAt).TotalSeconds
                        : 0);
                }
                return TimeSpan.FromSeconds(Math.Max(0, _claimable.Seconds));
            }
        }
    }

    /// <summary>Reports a generation whose terminal status is on the disk.</summary>
    public void Finished(Generation generation) => _metrics.GenerationFinished(new FinishedRun
    {
        Id = PublicId.Format(PublicId.Generation, generation.Id),
        Model = generation.Model,
        Version = generation.Version,
        Status = generation.Status.Word(),
        ErrorCode = generation.Status == GenerationStatus.Failed ? generation.ErrorCode : null,
        Seed = generation.Seed,
        Choices = Choices(generation.Input),
        CostMicros = generation.CostMicros,
        StartedAt = SentAt(generation),
        EndedAt = generation.CompletedAt ?? _timelines.NowOf(generation.Id, generation.CreatedAt),
        ResponseId = generation.PredictionId,
        TraceParent = generation.TraceParent,
        WasSent = generation.WasSent,
        Upstream = _upstream.BaseUrl,
        Prompt = generation.Prompt,
    });

    private double OldestAge() => Open().FirstOrDefault(row => row.Status == GenerationStatus.Queued) is { Oldest: { } number }
        && Read(db => db.Set<Generation>().Where(row => row.Number == number).Select(row => new { row.Id, row.CreatedAt }).ToList())
            is [var oldest]
        ? (_timelines.NowOf(oldest.Id, oldest.CreatedAt) - oldest.CreatedAt).TotalSeconds
        : 0;

    /// <summary>The time of sending goes by the upstream's clock, which may differ from the row's.</summary>
    private static DateTimeOffset SentAt(Generation generation) =>
        generation.SubmittingAt is { } sent && sent > generation.CreatedAt && !(sent > generation.CompletedAt)
            ? sent
            : generation.AcceptedAt ?? generation.CreatedAt;

    /// <summary>Lists every status, even those that no row has, so that a line in a chart goes to zero and does not end.</summary>
    private IReadOnlyList<OpenRow> Open()
    {
        lock (_reading)
        {
            if (IsFresh(_open.At, FreshFor))
                return _open.Rows;
            var rows = Read(db => db.Set<Generation>().AsNoTracking().Where(row => row.CompletedAt == null)
                .GroupBy(row => row.Status).Select(group => new OpenRow(group.Key, group.Count(), group.Min(row => row.Number))).ToList());
            if (rows is not null)
                _open = (_time.GetTimestamp(), [.. Enum.GetValues<GenerationStatus>().Where(status => !status.IsTerminal())
                    .Select(status => rows.Find(row => row.Status == status) ?? new OpenRow(status, 0, null))]);
            return _open.Rows;
        }
    }

    private (long Images, long Bytes) Store()
    {
        lock (_reading)
        {
            if (!IsFresh(_store.At, StoreFreshFor)
                && Read(db => db.Set<StoredImage>().GroupBy(_ => 1)
                    .Select(all => new StoreRow(all.Count(image => image.Kind == FileKind.Image), all.Sum(image => image.Bytes)))
                    .ToList()) is { } rows)
                _store = (_time.GetTimestamp(), rows.FirstOrDefault()?.Images ?? 0, rows.FirstOrDefault()?.Bytes ?? 0);
            return (_store.Images, _store.Bytes);
        }
    }

    private bool IsFresh(long at, TimeSpan age) => at != 0 && _time.GetElapsedTime(at) < age;

    /// <summary>
    /// Returns null where the database can't be read now; the last values stay. A meter reads without waiting, and so does SQLite. A server
    /// answers within a millisecond or two, and one that is known to be away is not asked.
    /// </summary>
    private List<T>? Read<T>(Func<GenApiDbContext, List<T>> read)
    {
        if (_health.Fault is not null)
            return null;
        try
        {
            using var db = _contexts.CreateDbContext();
            return read(db);
        }
        catch (Exception failure) when (failure is GenApiException || DatabaseFaults.ToGenApi(failure) is not null)
        {
            return null;
        }
    }

    private static long? Choices(string input)
    {
        using var document = JsonDocument.Parse(input);
        return document.RootElement.TryGetProperty("num_outputs", out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out var number)
            ? number
            : null;
    }

    private static KeyValuePair<string, object?> Status(GenerationStatus status) => KeyValuePair.Create("status", (object?)status.Word());

    private sealed record OpenRow(GenerationStatus Status, int Count, long? Oldest);

    private sealed record StoreRow(int Images, long Bytes);
}
