using System.Diagnostics;

namespace GenApi.Core.Replicate.Api;

/// <summary>
/// Passes on the trace (W3C <c>traceparent</c> and <c>tracestate</c>) but not the baggage, which our callers don't address to the upstream.
/// </summary>
internal sealed class TraceOnlyPropagator : DistributedContextPropagator
{
    private static readonly DistributedContextPropagator W3C = CreateW3CPropagator();

    public override IReadOnlyCollection<string> Fields { get; } = ["traceparent", "tracestate"];

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (setter is not null)
        {
            W3C.Inject(activity, carrier, (to, name, value) =>
            {
                if (Fields.Contains(name))
                    setter(to, name, value);
            });
        }
    }

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        W3C.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
