using GenApi.Accounts;
using GenApi.Core;
using GenApi.Core.Images.Conversion;
using GenApi.Diagnostics;
using GenApi.Doors;
using GenApi.Gallery;
using GenApi.Gallery.Selection;
using GenApi.Generations;
using GenApi.Hosting.Edge;
using GenApi.Hosting.Health;
using GenApi.Hosting.Logs;
using GenApi.Hosting.OpenApi;
using GenApi.Hosting.Start;
using GenApi.Images;
using GenApi.Images.Reading;
using GenApi.Maintenance;
using GenApi.Models;
using GenApi.Page;
using GenApi.Uploads;
using GenApi.Upstream;
using GenApi.Webhooks;

// The process that draws an SVG for the service; see DrawingRenderer.
if (args is [DrawingRenderer.Argument])
    return DrawingRenderer.Run();

return await new ProcessRun
{
    Verbs =
    [
        HealthProbe.Verb, StatusVerb.Verb, KeysVerb.Create, KeysVerb.List, KeysVerb.Revoke, UsageVerb.Verb, FsckVerb.Verb, BackupVerb.Verb,
        StartFreshVerb.Verb, MoveVerb.Verb, LinksVerb.Rotate,
    ],
    WarmUp = CoreRegistration.WarmUp,
    AddRooms = static builder =>
    {
        builder.Services.AddUpstream();
        builder.Services.AddGenApiCore();
        builder.AddTelemetry();
        builder.Services.AddEdge();
        builder.Services.AddProblems();
        builder.Services.AddApiDocument();
        builder.Services.AddHealth();
        builder.Services.AddAccountEndpoints();
        builder.Services.AddGenerationEndpoints();
        builder.Services.AddImageEndpoints();
        builder.Services.AddDoors();
        builder.Services.AddPage();
        builder.Services.AddMaintenanceHealth();
    },
    UseRooms = static app =>
    {
        app.UseProxies();
        app.UseRequestIds();
        app.UseRequestLog();
        app.UseEdge();
        app.UseProblems();
        app.UseAccounts();
        app.MapGenerations();
        app.MapImages();
        app.MapPictureReading();
        app.MapGallery();
        app.MapSelection();
        app.MapUploads();
        app.MapModels();
        app.MapDoors();
        app.MapPage();
        app.MapWebhooks();
        app.MapAccounts();
        app.MapMaintenance();
        app.MapTelemetry();
        app.MapHealth();
        app.MapApiDocument();
    },
}.RunAsync(args);
