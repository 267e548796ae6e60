using GenApi.Core;
using GenApi.Core.Blobs;
using GenApi.Core.Generations;
using GenApi.Core.Models;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Uploads;
using GenApi.Generations;
using GenApi.Hosting;
using GenApi.Images;
using GenApi.Uploads;
using GenApi.Upstream;

IConfiguration? configuration = null;
try
{
    var builder = HostSettings.CreateBuilder(args);
    configuration = builder.Configuration;
    builder.AddSettings();
    if (HealthProbe.IsAsked(args))
        return await HealthProbe.RunAsync(builder.Configuration);
    new KnownSettings(configuration)
        .Urls()
        .Section<DatabaseOptions>(DatabaseOptions.Section)
        .Section<BlobsOptions>(BlobsOptions.Section)
        .Section<ReplicateOptions>(ReplicateOptions.Section)
        .Section<ModelOptions>(ModelOptions.Section)
        .Section<GenerationOptions>(GenerationOptions.Section)
        .Section<ImagesOptions>(ImagesOptions.Section)
        .Section<UploadsOptions>(UploadsOptions.Section)
        .Section<EmbeddedSandboxOptions>(EmbeddedSandboxOptions.Section);

    builder.AddObservability();
    builder.Services.AddProblems();
    builder.Services.AddApiDocument();
    builder.Services.AddHealth();
    builder.Services.AddUpstream();
    builder.Services.AddGenApiCore();
    builder.Services.AddGenerationEndpoints();
    builder.Services.AddImageEndpoints();

    var app = builder.Build();
    app.UseRequestIds();
    app.UseRequestLog();
    app.UseProblems();
    app.MapGenerations();
    app.MapImages();
    app.MapUploads();
    app.MapHealth();
    app.MapApiDocument();

    await app.RunAsync();
    return 0;
}
catch (Exception failure) when (StartupRefusal.Sentence(failure, configuration) is { } sentence)
{
    await Console.Error.WriteLineAsync(sentence);
    return 1;
}
