using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;

namespace GenApi.Core.Diagnostics;

/// <summary>
/// Counts and times what the service does. Names follow OpenTelemetry's conventions for generative AI where there is one (of 2026, status
/// Development; they have no operation for images, so it is <c>image_generation</c> as in Envoy AI Gateway), and are <c>genapi.*</c>
/// otherwise. The counts stay here until a reader asks (<c>/metrics</c>, OTLP). Without a reader each costs one addition, and a late reader
/// misses none.
/// </summary>
public sealed class GenApiMetrics : IDisposable
{
    /// <summary>The name of the span source, and the beginning of the meter's name.</summary>
    public const string Name = "GenApi";

    /// <summary>Outcomes of a request, in the order of <see cref="Requested"/>.</summary>
    private static readonly string[] Outcomes = ["hit", "miss", "coalesced", "bypass"];

    /// <summary>The convention's buckets: 10 ms, doubled thirteen times.</summary>
    private static readonly double[] Seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    /// <summary>Buckets from a pause between two calls to a queue of an hour.</summary>
    private static readonly double[] WaitSeconds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

    // One for the process: the tags of a span name its owner.
    private static readonly ActivitySource Source = new(Name);

    private static int _meters;

    private readonly long[] _requests = new long[Outcomes.Length];
    private readonly CountTable _finished = new("status", "error_code");
    private readonly CountTable _costMicros = new("model");
    private readonly CountTable _calls = new("call", "outcome");
    private readonly CountTable _deliveries = new("outcome");
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _waits;

    public GenApiMetrics()
    {
        // Readers tell meters apart by name only. Where several services share one process, as in the tests, equal names would mix their
        // counts.
        var others = Interlocked.Increment(ref _meters) - 1;
        Meter = new Meter(others == 0 ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}.{others}"));
        Meter.CreateObservableCounter("genapi.requests", ReadRequests, "{request}", "Requests for a generation, by how they got it.");
        Meter.CreateObservableCounter(
            "genapi.generations.finished", _finished.Read, "{generation}",
                "Generations that have ended, by status and code of the problem.");
        Meter.CreateObservableCounter(
            "genapi.cost.usd", () =>
                _costMicros.Read(1e-6), null, "Cost of runs in US dollars, by model, without runs whose price is not known.");
        Meter.CreateObservableCounter(
            "genapi.upstream.calls", _calls.Read, "{call}",
            "Calls to the upstream's API, by call and outcome: ok, or the code of the problem.");
        Meter.CreateObservableCounter("genapi.deliveries", _deliveries.Read, "{delivery}", "Attempts to deliver a webhook, by outcome.");
        _duration = Meter.CreateHistogram(
            "gen_ai.client.operation.duration", "s", "Time from the creation at the upstream to the images on the disk.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _waits = Meter.CreateHistogram(
            "genapi.upstream.wait.duration", "s",
            "Time that calls to the upstream's API waited, by call and reason, without calls that did not wait.",
            null, new InstrumentAdvice<double> { HistogramBucketBoundaries = WaitSeconds });
    }

    /// <summary>Takes the instruments of other rooms too: how much is waiting, how much is stored.</summary>
    public Meter Meter { get; }

    /// <summary>True if spans contain prompts.</summary>
    public bool RecordsPrompts { get; set; }

    /// <summary>The current trace, to be stored with the generation that it started; null: there is none.</summary>
    public static string? TraceParent => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;

    /// <summary>Counts a request. Every hit takes this path, so it is one addition.</summary>
    /// <param name="outcome">0 hit, 1 miss, 2 coalesced, 3 bypass.</param>
    public void Requested(int outcome) => Interlocked.Increment(ref _requests[outcome]);

    /// <summary>Counts a call to the upstream.</summary>
    /// <param name="call">The kind of call.</param>
    /// <param name="outcome"><c>ok</c>, or the code of the problem.</param>
    public void UpstreamAnswered(string call, string outcome) => _calls.Add(1, call, outcome);

    /// <summary>Times the wait of a call that had to wait; <see cref="UpstreamAnswered"/> alone counts the others.</summary>
    /// <param name="call">The kind of call; <c>create</c> also for generations that waited in the queue.</param>
    /// <param name="reason">The last reason of the wait.</param>
    /// <param name="wait">The time since it could have been sent.</param>
    public void UpstreamWaited(string call, string reason, TimeSpan wait) =>
        _waits.Record(wait.TotalSeconds, KeyValuePair.Create("call", (object?)call), KeyValuePair.Create("reason", (object?)reason));

    public void Delivered(bool hasArrived) => _deliveries.Add(1, hasArrived ? "arrived" : "failed");

    public void GenerationFinished(FinishedRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _finished.Add(1, run.Status, run.ErrorCode ?? "");
        if (run.CostMicros is { } cost)
            _costMicros.Add(cost, run.Model);
        if (!run.WasSent && run.Status == "canceled")
            return;
        var tags = new TagList
        {
            { "gen_ai.operation.name", "image_generation" },
            { "gen_ai.provider.name", "replicate" },
            { "gen_ai.request.model", run.Model },
        };
        if (run.ErrorCode is not null)
            tags.Add("error.type", run.ErrorCode);
        _duration.Record((run.EndedAt - run.StartedAt).TotalSeconds, tags);
        Trace(run);
    }

    public void Dispose() => Meter.Dispose();

    /// <summary>
    /// Writes the span at the end and as a whole, with the row's own times: a run may outlive the process that sent it, and a span can't.
    /// Its parent is the request that made it, so the caller's own trace shows it.
    /// </summary>
    private void Trace(FinishedRun run)
    {
        if (!Source.HasListeners())
            return;
        _ = ActivityContext.TryParse(run.TraceParent, null, isRemote: true, out var parent);
        using var span = Source.StartActivity($"image_generation {run.Model}", ActivityKind.Client, parent, null, null, run.StartedAt);
        if (span is null)
            return;
        span.SetTag("gen_ai.operation.name", "image_generation").SetTag("gen_ai.provider.name", "replicate")
            .SetTag("gen_ai.output.type", "image").SetTag("gen_ai.request.model", run.Model)
            .SetTag("genapi.generation.id", run.Id).SetTag("genapi.generation.status", run.Status);
        SetTag(span, "gen_ai.request.seed", run.Seed);
        SetTag(span, "gen_ai.request.choice.count", run.Choices);
        SetTag(span, "gen_ai.response.id", run.ResponseId);
        SetTag(span, "gen_ai.response.model", run.Version is null ? null : $"{run.Model}:{run.Version}");
        SetTag(span, "genapi.cost.usd", run.CostMicros / 1e6);
        SetTag(span, "server.address", run.Upstream?.Host);
        SetTag(span, "server.port", run.Upstream?.Port);
        if (RecordsPrompts)
            span.SetTag("gen_ai.input.messages", Messages(run.Prompt));
        if (run.ErrorCode is not null)
            span.SetTag("error.type", run.ErrorCode).SetStatus(ActivityStatusCode.Error, run.ErrorCode);
        span.SetEndTime(run.EndedAt.UtcDateTime);
    }

    private IEnumerable<Measurement<long>> ReadRequests() => Outcomes.Select((outcome, at) =>
        new Measurement<long>(Interlocked.Read(ref _requests[at]), KeyValuePair.Create("outcome", (object?)outcome)));

    private static void SetTag(Activity span, string name, object? value)
    {
        if (value is not null)
            span.SetTag(name, value);
    }

    /// <summary>Writes the convention's form: one message of the user with one part.</summary>
    private static string Messages(string prompt) =>
        $$"""[{"role":"user","parts":[{"type":"text","content":"{{JsonEncodedText.Encode(prompt)}}"}]}]""";
}
