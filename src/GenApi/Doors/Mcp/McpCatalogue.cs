using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Hosting.Requests;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace GenApi.Doors.Mcp;

/// <summary>
/// Answers the messages of a client: tools, resources and prompts. A key is shown only the tools that it may call; clients pay for the
/// catalogue in tokens with every conversation, so it is short.
/// </summary>
internal sealed class McpCatalogue
{
    private readonly McpTool[] _tools;
    private readonly McpResources _resources;
    private readonly McpFailures _failures;

    public McpCatalogue(GenerationTools generations, LibraryTools library, McpResources resources, McpFailures failures)
    {
        (_resources, _failures) = (resources, failures);
        _tools =
        [
            new(McpTools.GenerateImage, KeyRights.Generate, generations.GenerateAsync),
            new(McpTools.EditImage, KeyRights.Generate, generations.EditAsync),
            new(McpTools.GetGeneration, KeyRights.Read, generations.GetAsync),
            new(McpTools.CancelGeneration, KeyRights.Generate, generations.CancelAsync),
            new(McpTools.ListModels, KeyRights.Read, library.ListModelsAsync),
            new(McpTools.SearchImages, KeyRights.Read, library.SearchImagesAsync),
        ];
    }

    /// <summary>Sets the handlers for the message of one request.</summary>
    public void Serve(McpExchange exchange, McpServerHandlers handlers)
    {
        handlers.ListToolsHandler = (_, _) => ValueTask.FromResult(List(exchange.Caller));
        handlers.CallToolHandler = (request, stop) => CallAsync(exchange, request, stop);
        handlers.ListPromptsHandler = (_, _) => ValueTask.FromResult(McpPrompts.List());
        handlers.GetPromptHandler = (request, _) =>
            AnswerAsync(exchange, () => Task.FromResult(McpPrompts.Get(request.Params.Name, exchange.Arguments)));
        handlers.ListResourceTemplatesHandler = (_, _) => ValueTask.FromResult(McpResources.Templates());
        handlers.ListResourcesHandler = (request, stop) =>
            AnswerAsync(exchange, () => _resources.ListAsync(request.Params?.Cursor, exchange, stop));
        handlers.ReadResourceHandler = (request, stop) =>
            AnswerAsync(exchange, () => _resources.ReadAsync(request.Params.Uri, exchange, stop));
        // The package would accept both, and hold a stream open for the first.
        handlers.SubscriptionsListenHandler = (_, _) => throw NoSubscriptions();
        handlers.SubscribeToResourcesHandler = (_, _) => throw NoSubscriptions();
    }

    private static McpProtocolException NoSubscriptions() =>
        new("This server sends no notifications, so there is nothing to subscribe to.", McpErrorCode.MethodNotFound);

    private ListToolsResult List(Caller caller) =>
        new() { Tools = [.. _tools.Where(tool => caller.Has(tool.Right)).Select(tool => tool.Shape)] };

    private async ValueTask<CallToolResult> CallAsync(
        McpExchange exchange, RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken)
    {
        // Before anything is paid: a client that waits for a task throws away every other answer.
        if (exchange.AsksForTask)
        {
            throw new McpProtocolException(
                "This server has no tasks. Call the tool without 'task': it answers within a minute, with an id for get_generation if the "
                + "run takes longer.",
                McpErrorCode.MethodNotFound);
        }
        var name = request.Params.Name;
        var tool = Array.Find(_tools, each => each.Shape.Name == name)
            ?? throw new McpProtocolException(
                $"There is no tool '{MemberErrors.Shorten(name)}'. Allowed: {string.Join(", ", _tools.Select(each => each.Shape.Name))}.",
                McpErrorCode.InvalidParams);
        try
        {
            McpFailures.Require(exchange.Caller, tool.Right, name);
            return await tool.Run(new McpCall(exchange, name, request.Server, request.Params.ProgressToken), cancellationToken);
        }
        catch (GenApiException failure)
        {
            return _failures.Result(failure, exchange.Context);
        }
        catch (OperationCanceledException) when (IsGone(exchange, cancellationToken))
        {
            throw;
        }
        catch (Exception failure)
        {
            return _failures.Unexpected(failure, exchange.Context);
        }
    }

    private async ValueTask<T> AnswerAsync<T>(McpExchange exchange, Func<Task<T>> answer)
    {
        try
        {
            return await answer();
        }
        catch (GenApiException failure)
        {
            throw _failures.Protocol(failure, exchange.Context);
        }
    }

    private static bool IsGone(McpExchange exchange, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested || exchange.Context.RequestAborted.IsCancellationRequested;

    /// <param name="Shape">What clients see.</param>
    /// <param name="Right">The right that it needs.</param>
    /// <param name="Run">What it does.</param>
    private sealed record McpTool(Tool Shape, KeyRights Right, Func<McpCall, CancellationToken, Task<CallToolResult>> Run);
}
