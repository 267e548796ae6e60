using System.Text.Json;
using GenApi.Core.Maintenance.Status;
using GenApi.Hosting;
using GenApi.Hosting.Health;
using GenApi.Hosting.Settings;
using GenApi.Hosting.Verbs;

namespace GenApi.Maintenance;

/// <summary>
/// <c>status [--json]</c>: shows the state of the installation in about ten lines. It reads the rows from the database file, even while a
/// service is using it, and asks a running service for its readiness.
/// </summary>
internal static class StatusVerb
{
    private const string Json = "--json";

    private const string Summary = "Shows the state of the installation in about ten lines, whether the service runs or not.";

    public static Verb Verb { get; } = new("status", Summary, RunAsync)
    {
        Options = [new(Json, null, "the same as JSON, with every number")],
        Store = VerbStore.Read,
    };

    private static async Task<int> RunAsync(VerbCall call)
    {
        await call.RequireStoreAsync();
        var configured = ConfiguredUpstream.Of(call.Services);
        var health = await HealthProbe.AskAsync(call.Configuration, call.Stopping);
        var upstream = StatusFacts.UpstreamOf(health, configured);
        var report = await call.Services.GetRequiredService<StoreStatus>().ReadAsync(upstream, call.Stopping);
        var facts = StatusFacts.Of(ProgramVersion.Text, HealthProbe.Target(call.Configuration["Urls"]), health, configured, report);
        await Console.Out.WriteAsync(call.Has(Json)
            ? JsonSerializer.Serialize(StatusAnswer.Of(facts, report), MaintenanceJsonContext.Answers.StatusAnswer) + "\n"
            : StatusLines.Of(facts, report, call.Time.GetUtcNow()));
        return 0;
    }
}
