using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json;

namespace GenApi.Core.Diagnostics;

/// <summary>
/// What the service counts and times of itself, under the names that OpenTelemetry has for generative AI where it has one (conventions of 2026, status Development;
/// it has no operation for images, so <c>image_generation</c> as Envoy AI Gateway says), and under <c>genapi.*</c> else. Counts are kept here and read by whoever asks
/// (<c>/metrics</c>, OTLP), so while nobody does they cost one addition, and nobody who comes late has missed any.
/// </summary>
public sealed class GenApiMetrics : IDisposable
{
    /// <summary>Of the source of spans, and the beginning of the meter's.</summary>
    public const string Name = "GenApi";

    /// <summary>In the order of the outcomes of a request; see <see cref="Requested"/>.</summary>
    private static readonly string[] Outcomes = ["hit", "miss", "coalesced", "bypass"];

    /// <summary>The convention's: 10 ms, doubled thirteen times.</summary>
    private static readonly double[] Seconds = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

    /// <summary>From a pause between two calls to a queue of an hour.</summary>
    private static readonly double[] WaitSeconds = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600];

    // One for the process: what a span says of itself tells whose it is.
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
        // Readers know meters by their names alone, and would write one service's counts over another's where several live in one process, as in the tests.
        var others = Interlocked.Increment(ref _meters) - 1;
        Meter = new Meter(others == 0 ? Name : string.Create(CultureInfo.InvariantCulture, $"{Name}.{others}"));
        Meter.CreateObservableCounter("genapi.requests", () => Outcomes.Select((outcome, at) => new Measurement<long>(Interlocked.Read(ref _requests[at]), KeyValuePair.Create("outcome", (object?)outcome))),
            "{request}", "Requests for a generation, by how they got it.");
        Meter.CreateObservableCounter("genapi.generations.finished", _finished.Read, "{generation}", "Generations that have ended, by status and code of the problem.");
        Meter.CreateObservableCounter("genapi.cost.usd", () => _costMicros.Read(1e-6), null, "What runs have cost in US dollars, by model; those without a known price are not in it.");
        Meter.CreateObservableCounter("genapi.upstream.calls", _calls.Read, "{call}", "Calls to the upstream's API, by what was asked and what became of it: ok, or the code of the problem.");
        Meter.CreateObservableCounter("genapi.deliveries", _deliveries.Read, "{delivery}", "Attempts to deliver a webhook, by outcome.");
        _duration = Meter.CreateHistogram("gen_ai.client.operation.duration", "s", "From the creation at the upstream to the pictures on the disk.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _waits = Meter.CreateHistogram("genapi.upstream.wait.duration", "s", "How long calls to the upstream's API waited for their turn, by what was asked and what kept them; those that did not wait are not in it.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = WaitSeconds });
    }

    /// <summary>Other rooms add to it what they know and this one does not: how much is waiting, how much is stored.</summary>
    public Meter Meter { get; }

    /// <summary>Whether prompts stand in spans.</summary>
    public bool TellsPrompts { get; set; }

    /// <summary>The trace that is going on, to be kept with what it started; null: none.</summary>
    public static string? TraceParent => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;

    /// <summary>On the path of every hit: an addition and nothing else.</summary>
    /// <param name="outcome">0 hit, 1 miss, 2 coalesced, 3 bypass.</param>
    public void Requested(int outcome) => Interlocked.Increment(ref _requests[outcome]);

    /// <param name="call">What was asked.</param>
    /// <param name="outcome"><c>ok</c>, or the code of the problem.</param>
    public void UpstreamAnswered(string call, string outcome) => _calls.Add(1, call, outcome);

    /// <summary>Only for calls that had to wait: the others are counted by <see cref="UpstreamAnswered"/> alone.</summary>
    /// <param name="call">What was asked; <c>create</c> for generations that waited in the queue too.</param>
    /// <param name="reason">What kept it last.</param>
    /// <param name="wait">From when it could have been sent.</param>
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
    /// Told at the end and as a whole, with the row's own times: a run outlives the process that sent it, and a span can't. Its parent is the request that made it, so it
    /// is found in the caller's own trace.
    /// </summary>
    private void Trace(FinishedRun run)
    {
        if (!Source.HasListeners())
            return;
        _ = ActivityContext.TryParse(run.TraceParent, null, isRemote: true, out var parent);
        using var span = Source.StartActivity($"image_generation {run.Model}", ActivityKind.Client, parent, null, null, run.StartedAt);
        if (span is null)
            return;
        span.SetTag("gen_ai.operation.name", "image_generation").SetTag("gen_ai.provider.name", "replicate").SetTag("gen_ai.output.type", "image")
            .SetTag("gen_ai.request.model", run.Model).SetTag("genapi.generation.id", run.Id).SetTag("genapi.generation.status", run.Status);
        SetTag(span, "gen_ai.request.seed", run.Seed);
        SetTag(span, "gen_ai.request.choice.count", run.Choices);
        SetTag(span, "gen_ai.response.id", run.ResponseId);
        SetTag(span, "gen_ai.response.model", run.Version is null ? null : $"{run.Model}:{run.Version}");
        SetTag(span, "genapi.cost.usd", run.CostMicros / 1e6);
        SetTag(span, "server.address", run.Upstream?.Host);
        SetTag(span, "server.port", run.Upstream?.Port);
        if (TellsPrompts)
            span.SetTag("gen_ai.input.messages", Messages(run.Prompt));
        if (run.ErrorCode is not null)
            span.SetTag("error.type", run.ErrorCode).SetStatus(ActivityStatusCode.Error, run.ErrorCode);
        span.SetEndTime(run.EndedAt.UtcDateTime);
    }

    private static void SetTag(Activity span, string name, object? value)
    {
        if (value is not null)
            span.SetTag(name, value);
    }

    /// <summary>The convention's form: one message of the user's with one part.</summary>
    private static string Messages(string prompt) =>
        $$"""[{"role":"user","parts":[{"type":"text","content":"{{JsonEncodedText.Encode(prompt)}}"}]}]""";
}
