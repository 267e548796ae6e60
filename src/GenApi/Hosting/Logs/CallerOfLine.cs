using GenApi.Core.Accounts;
using GenApi.Core.Diagnostics;
using GenApi.Core.Persistence;
using Serilog.Core;
using Serilog.Events;

namespace GenApi.Hosting.Logs;

/// <summary>Puts into every line that a request writes which request it is, whose, and about which generation.</summary>
internal sealed class CallerOfLine(IHttpContextAccessor contexts) : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        if (contexts.HttpContext is not { } context)
            return;
        // The server's own name for it is replaced by the one that the caller was given.
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
