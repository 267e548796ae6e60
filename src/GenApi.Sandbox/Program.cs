using System.Runtime.InteropServices;
using GenApi.Sandbox.Control;

namespace GenApi.Sandbox;

internal static class Program
{
    /// <summary>
    /// Runs the sandbox alone, configured by the environment (<c>Sandbox__Speed=0</c>) or the command line (<c>--Sandbox:Speed=0</c>).
    /// </summary>
    private static async Task<int> Main(string[] args)
    {
        var options = new SandboxOptions { Urls = "http://127.0.0.1:9090" };
        try
        {
            new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build().GetSection("Sandbox").Bind(options);
            await using var server = await SandboxServer.StartAsync(options);
            await Console.Out.WriteLineAsync(
                $"Replicate sandbox on {server.BaseUrl}  try: curl -s {server.BaseUrl}v1/models/black-forest-labs/flux-schnell/predictions "
                + "-H 'Authorization: Bearer any' -H 'Prefer: wait' -H 'Content-Type: application/json' "
                + "-d '{\"input\":{\"prompt\":\"a red fox in snow\"}}'");
            await StopSignalAsync();
            return 0;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IOException)
        {
            await Console.Error.WriteLineAsync($"The sandbox cannot start: {e.Message}");
            return 1;
        }
    }

    private static async Task StopSignalAsync()
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.TrySetResult();
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        await stop.Task;
    }
}
