using GenApi.Accounts;
using GenApi.Core;
using GenApi.Core.Accounts;
using GenApi.Core.Blobs;
using GenApi.Core.Generations;
using GenApi.Core.Maintenance;
using GenApi.Core.Models.Settings;
using GenApi.Core.Persistence.Files;
using GenApi.Core.Replicate;
using GenApi.Core.Uploads;
using GenApi.Core.Webhooks;
using GenApi.Diagnostics;
using GenApi.Generations;
using GenApi.Hosting.Edge;
using GenApi.Hosting.Health;
using GenApi.Hosting.Logs;
using GenApi.Hosting.OpenApi;
using GenApi.Hosting.Settings;
using GenApi.Hosting.Start;
using GenApi.Hosting.Verbs;
using GenApi.Images;
using GenApi.Maintenance;
using GenApi.Models;
using GenApi.Uploads;
using GenApi.Upstream;
using GenApi.Webhooks;

var command = CommandLine.Parse(
    args, HealthProbe.Verb, StatusVerb.Verb, KeysVerb.Create, KeysVerb.List, KeysVerb.Revoke, UsageVerb.Verb, FsckVerb.Verb,
    BackupVerb.Verb, StartFreshVerb.Verb);
if (command.Reply is { } reply)
{
    await (reply.ExitCode == 0 ? Console.Out : Console.Error).WriteAsync(reply.Text);
    return reply.ExitCode;
}
PrivateFiles.Require();
if (command.Verb is null)
    CoreRegistration.WarmUp();
IConfiguration? configuration = null;
HeldLines? lines = null;
WebApplication? app = null;
try
{
    var switches = Switches.Read(command.Settings);
    var builder = HostSettings.CreateBuilder(command.Settings);
    configuration = builder.Configuration;
    builder.AddSettings();
    var known = new KnownSettings(configuration)
        .Urls()
        .Section<HostingOptions>(HostingOptions.Section)
        .Section<TelemetryOptions>(TelemetryOptions.Section)
        .Section<DatabaseOptions>(DatabaseOptions.Section)
        .Section<BlobsOptions>(BlobsOptions.Section)
        .Section<WebhookOptions>(WebhookOptions.Section)
        .Section<ReplicateOptions>(ReplicateOptions.Section)
        .Section<AccountsOptions>(AccountsOptions.Section)
        .Section<ModelOptions>(ModelOptions.Section)
        .Section<GenerationOptions>(GenerationOptions.Section)
        .Section<ImagesOptions>(ImagesOptions.Section)
        .Section<UploadsOptions>(UploadsOptions.Section)
        .Section<MaintenanceOptions>(MaintenanceOptions.Section)
        .Section<EmbeddedSandboxOptions>(EmbeddedSandboxOptions.Section)
        .TopLevel(switches);
    if (command.Verb is null)
    {
        ListenAddresses.RequireFree(configuration);
        await Certificates.RequireAsync(configuration, builder.Environment.ContentRootPath);
    }

    builder.Services.AddUpstream();
    builder.Services.AddGenApiCore();
    if (command.Verb is not null)
        return await command.RunAsync(builder);

    lines = builder.AddObservability();
    var progress = builder.AddStartProgress();
    builder.Services.AddSingleton(known);
    builder.Services.AddHostedService<StartLines>();
    builder.AddTelemetry();
    builder.Services.AddEdge();
    builder.Services.AddProblems();
    builder.Services.AddApiDocument();
    builder.Services.AddHealth();
    builder.Services.AddAccountEndpoints();
    builder.Services.AddGenerationEndpoints();
    builder.Services.AddImageEndpoints();
    builder.Services.AddUpkeepHealth();

    app = builder.Build();
    // The last one is called first: no log line may stand behind the line on a terminal.
    app.Lifetime.ApplicationStarted.Register(lines.Release);
    app.Lifetime.ApplicationStarted.Register(progress.Dispose);
    app.UseProxies();
    app.UseRequestIds();
    app.UseRequestLog();
    app.UseEdge();
    app.UseProblems();
    app.UseAccounts();
    app.MapGenerations();
    app.MapImages();
    app.MapUploads();
    app.MapModels();
    app.MapWebhooks();
    app.MapAccounts();
    app.MapTelemetry();
    app.MapHealth();
    app.MapApiDocument();

    await app.RunAsync();
    return 0;
}
catch (Exception failure) when (StartupRefusal.Sentence(failure, configuration) is { } sentence)
{
    await Console.Error.WriteLineAsync(sentence);
    return command.Refused;
}
catch (OperationCanceledException) when (app is { Lifetime.ApplicationStopping.IsCancellationRequested: true })
{
    // Stopped while it was starting.
    return 0;
}
catch
{
    // A mistake of ours flies with its stack, and with all that led to it.
    lines?.Release();
    throw;
}
