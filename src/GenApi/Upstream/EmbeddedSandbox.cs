using GenApi.Core.Replicate;
using GenApi.Sandbox;
using GenApi.Sandbox.Control;
using Microsoft.Extensions.Options;

namespace GenApi.Upstream;

/// <summary>
/// Chooses the upstream before anything that uses it starts, and runs the sandbox inside this process if it is chosen. It stops last, so
/// that running work can end.
/// </summary>
internal sealed partial class EmbeddedSandbox(
    ReplicateUpstream upstream, IOptions<ReplicateOptions> options, IOptions<EmbeddedSandboxOptions> sandbox, TimeProvider time,
    ILogger<EmbeddedSandbox> logger)
    : IHostedService, IAsyncDisposable
{
    private SandboxServer? _server;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.WantsSandbox)
        {
            upstream.UseReplicate();
            Log.Replicate(logger, upstream.BaseUrl);
            return;
        }
        _server = await SandboxServer.StartAsync(new SandboxOptions { Speed = sandbox.Value.Speed }, time, cancellationToken);
        upstream.UseSandbox(_server.BaseUrl);
        Log.Sandbox(logger, _server.BaseUrl);
    }

    public async Task StopAsync(CancellationToken cancellationToken) => await DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (_server is { } server)
            await server.DisposeAsync();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Images come from Replicate at {Address}")]
        public static partial void Replicate(ILogger logger, Uri address);

        [LoggerMessage(2, LogLevel.Information,
            "SANDBOX: images are painted stand-ins, made by the built-in sandbox at {Address}. "
            + "Set REPLICATE_API_TOKEN (environment or .env) to use Replicate")]
        public static partial void Sandbox(ILogger logger, Uri address);
    }
}
