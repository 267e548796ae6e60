using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace GenApi.Client;

/// <summary>A connection to <c>GET /generations/{id}/events</c>.</summary>
internal sealed class EventStream : IDisposable
{
    private readonly ApiReply _reply;
    private readonly SseParser<GenerationEvent?> _parser;
    private readonly IAsyncEnumerator<SseItem<GenerationEvent?>> _events;

    public EventStream(ApiReply reply, CancellationToken cancellationToken)
    {
        _reply = reply;
        _parser = SseParser.Create(reply.Body, Parse);
        _events = _parser.EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
    }

    /// <summary>
    /// The id of the last complete event that had one. The service gives an id to the last event of each change, so a change that was cut
    /// off is sent again.
    /// </summary>
    public string? LastId { get; private set; }

    /// <summary>The pause that the service asks for before a reconnect.</summary>
    public TimeSpan ReconnectAfter => _parser.ReconnectionInterval is { } told && told > TimeSpan.Zero ? told : TimeSpan.FromSeconds(1);

    /// <returns>Null if the connection has ended.</returns>
    public async Task<GenerationEvent?> NextAsync()
    {
        try
        {
            while (await _events.MoveNextAsync().ConfigureAwait(false))
            {
                if (_events.Current.EventId is { Length: > 0 } id)
                    LastId = id;
                if (_events.Current.Data is { } data)
                    return data;
            }
        }
        catch (Exception failure) when (failure is GenApiConnectionException or JsonException)
        {
            // The connection was cut. The listener reconnects with the last id it has.
        }
        return null;
    }

    public void Dispose() => _reply.Dispose();

    /// <returns>Null for an event unknown to this version.</returns>
    private static GenerationEvent? Parse(string name, ReadOnlySpan<byte> data) => name switch
    {
        "status" => new StatusChanged(Read(data, ClientJson.Default.Generation)),
        "progress" => new ProgressMade(Read(data, ClientJson.Default.GenerationProgress)),
        "logs" => Read(data, ClientJson.Default.LogWritten),
        "done" => new GenerationEnded(Read(data, ClientJson.Default.Generation)),
        _ => null,
    };

    private static T Read<T>(ReadOnlySpan<byte> data, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(data, type) ?? throw new JsonException("The event has no data.");
}
