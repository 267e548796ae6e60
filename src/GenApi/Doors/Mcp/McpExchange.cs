using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Hosting;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace GenApi.Doors.Mcp;

/// <summary>One message of a client: the HTTP request that brought it, and its parameters as they were sent.</summary>
internal sealed class McpExchange
{
    private readonly JsonElement _params;

    public McpExchange(HttpContext context, JsonElement message)
    {
        (Context, Caller, BaseUrl) = (context, context.Caller(), CallerAddress.Of(context.Request));
        if (message.ValueKind != JsonValueKind.Object)
            return;
        if (message.TryGetProperty("params", out var found))
            _params = found;
        if (message.TryGetProperty("id", out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            Id = id;
    }

    /// <summary>The id of the message; null: it has none.</summary>
    public JsonElement? Id { get; }

    public HttpContext Context { get; }

    public Caller Caller { get; }

    /// <inheritdoc cref="CallerAddress.Of"/>
    public string BaseUrl { get; }

    /// <summary>The arguments of a call; an empty object if it has none.</summary>
    public JsonElement Arguments => Member("arguments") is { ValueKind: not JsonValueKind.Null } arguments
        ? arguments
        : JsonElement.Parse("{}"u8);

    /// <summary>True if the call asks for a task that it can poll, which this server does not offer.</summary>
    public bool AsksForTask => Member("task") is { ValueKind: not JsonValueKind.Null };

    private JsonElement? Member(string name) =>
        _params.ValueKind == JsonValueKind.Object && _params.TryGetProperty(name, out var value) ? value : null;
}

/// <summary>A call of a tool.</summary>
/// <param name="Exchange">The message.</param>
/// <param name="Name">The tool.</param>
/// <param name="Client">The way back to the client.</param>
/// <param name="ProgressToken">What progress is reported under; null: the client asked for none.</param>
internal sealed record McpCall(McpExchange Exchange, string Name, McpServer Client, ProgressToken? ProgressToken)
{
    public HttpContext Context => Exchange.Context;

    public Caller Caller => Exchange.Caller;

    public JsonElement Arguments => Exchange.Arguments;

    /// <summary>Reports progress, if the client asked for it.</summary>
    /// <param name="seconds">How long the call has waited. It grows with every report.</param>
    /// <param name="message">What is happening.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task ReportAsync(double seconds, string message, CancellationToken cancellationToken) => ProgressToken is { } token
        ? Client.NotifyProgressAsync(
            token, new ProgressNotificationValue { Progress = (float)seconds, Message = message }, cancellationToken: cancellationToken)
        : Task.CompletedTask;
}
