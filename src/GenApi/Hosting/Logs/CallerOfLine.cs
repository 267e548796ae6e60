using GenApi.Core.Accounts;
using GenApi.Core.Diagnostics;
using GenApi.Core.Persistence;
using Serilog.Core;
using Serilog.Events;

namespace GenApi.Hosting.Logs;

/// <summary>Adds the request, the caller's key and the generation to every log line of a request.</summary>
internal sealed class CallerOfLine(IHttpContextAccessor contexts) : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        if (contexts.HttpContext is not { } context)
            return;
        // Replaces the server's id with the one in the answer.
        logEvent.AddOrUpdateProperty(new LogEventProperty("RequestId", new ScalarValue(context.TraceIdentifier)));
        if (context.Features.Get<Caller>()?.KeyId is { } keyId)
            Add(logEvent, LogNames.KeyId, PublicId.Format(PublicId.Key, keyId));
        if (context.Features.Get<RequestNotes>() is not { } notes)
            return;
        Add(logEvent, LogNames.GenerationId, notes.GenerationId);
        Add(logEvent, LogNames.Members, notes.Members);
        Add(logEvent, "Detail", notes.Detail);
    }

    private static void Add(LogEvent logEvent, string name, string? value)
    {
        if (value is { Length: > 0 })
            logEvent.AddPropertyIfAbsent(new LogEventProperty(name, new ScalarValue(value)));
    }
}
