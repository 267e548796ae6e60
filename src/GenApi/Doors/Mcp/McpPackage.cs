using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Hosting;
using GenApi.Hosting.Requests;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using ModelContextProtocol;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace GenApi.Doors.Mcp;

/// <summary>
/// Runs the MCP package behind our route. The body is read by the rules of every other route first. The package has its own container,
/// built for the first request, so a service without MCP clients neither loads nor starts it.
/// </summary>
internal sealed partial class McpPackage(IServiceProvider services, ILogger<McpPackage> logger) : IAsyncDisposable
{
    private const string Instructions =
        "Makes images. Give a model's name only if list_models shows it. A result has previews; the link opens the whole image.";

    private readonly Lock _building = new();
    private volatile Server? _server;

    public async Task HandleAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.MostBytes, context.RequestAborted);
        context.Features.Set(new McpExchange(context, body));
        var errors = new MemberErrors();
        if (body.ValueKind != JsonValueKind.Object)
            errors.Add("$", $"the body must be one message of JSON-RPC, an object; it is {JsonTexts.Shown(body)}.");
        JsonTexts.Check(body, errors);
        JsonTexts.CheckDuplicates(body, errors);
        errors.ThrowIfAny();
        using var text = new MemoryStream(JsonMarshal.GetRawUtf8Value(body).ToArray(), writable: false);
        context.Request.Body = text;
        await (_server ?? Build()).Handle(context);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
            await server.Container.DisposeAsync();
    }

    private Server Build()
    {
        lock (_building)
            return _server ??= MakeServer();
    }

    private Server MakeServer()
    {
        var catalogue = services.GetRequiredService<McpCatalogue>();
        var own = new ServiceCollection();
        own.AddSingleton(services.GetRequiredService<IHostApplicationLifetime>());
        // The package logs every mistake of a caller as a failure, with a stack. FollowAsync logs real failures.
        own.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        own.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        own.AddMcpServer(Configure).WithHttpTransport(transport =>
        {
            transport.SessionMode = HttpServerSessionMode.Stateless;
            transport.TimeProvider = services.GetRequiredService<TimeProvider>();
            transport.ConfigureSessionOptions = (context, options, _) =>
            {
                catalogue.Serve(context.Features.GetRequiredFeature<McpExchange>(), options.Handlers);
                return Task.CompletedTask;
            };
        });
        var container = own.BuildServiceProvider();
        var routes = new Routes(container);
        routes.MapMcp();
        var endpoint = routes.DataSources.SelectMany(source => source.Endpoints).Single();
        return new Server(container, endpoint.RequestDelegate!);
    }

    private void Configure(McpServerOptions options)
    {
        options.ServerInfo = new Implementation { Name = "genapi", Title = "GenApi", Version = ProgramVersion.Text };
        options.ServerInstructions = Instructions;
        options.Filters.Message.IncomingFilters.Add(next => (message, cancellationToken) => FollowAsync(next, message, cancellationToken));
    }

    /// <summary>Names parameters that the package can't read, and logs unexpected failures.</summary>
    private async Task FollowAsync(McpMessageHandler next, MessageContext message, CancellationToken cancellationToken)
    {
        var method = (message.JsonRpcMessage as JsonRpcRequest)?.Method ?? "";
        try
        {
            await next(message, cancellationToken);
        }
        catch (JsonException failure)
        {
            var needed = method switch
            {
                RequestMethods.ToolsCall or RequestMethods.PromptsGet => " They need 'name', a text; 'arguments' is an object.",
                RequestMethods.ResourcesRead => " They need 'uri', a text.",
                _ => "",
            };
            throw new McpProtocolException(
                $"The params of '{MemberErrors.Shorten(method)}' can't be read at {MemberErrors.Shorten(failure.Path ?? "$")}.{needed}",
                McpErrorCode.InvalidParams);
        }
        catch (Exception failure) when (failure is not (McpException or OperationCanceledException))
        {
            Log.Failed(logger, MemberErrors.Shorten(method), failure);
            throw;
        }
    }

    private sealed record Server(ServiceProvider Container, RequestDelegate Handle);

    /// <summary>Takes the one route of the package, which is called and never matched.</summary>
    private sealed class Routes(IServiceProvider services) : IEndpointRouteBuilder
    {
        public IServiceProvider ServiceProvider => services;

        public ICollection<EndpointDataSource> DataSources { get; } = [];

        public IApplicationBuilder CreateApplicationBuilder() => new ApplicationBuilder(services);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The MCP method {Method} failed unexpectedly")]
        public static partial void Failed(ILogger logger, string method, Exception failure);
    }
}
