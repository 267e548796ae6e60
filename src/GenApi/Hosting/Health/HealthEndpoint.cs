using System.ComponentModel;
using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GenApi.Hosting.Health;

/// <summary>
/// Runs the health checks and reports their results. <c>MapHealthChecks</c> is not used, because it answers every method and is missing
/// from the API document.
/// </summary>
/// <param name="service">Runs the checks.</param>
/// <param name="which">Selects the checks that count here; null for all.</param>
internal sealed class HealthEndpoint(HealthCheckService service, Func<HealthCheckRegistration, bool>? which)
{
    public const string ContentType = "application/health+json";

    public async Task GetAsync(HttpContext context)
    {
        var report = await service.CheckHealthAsync(which, context.RequestAborted);
        var (response, answer) = (context.Response, HealthAnswer.Of(report));
        response.StatusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsGet(context.Request.Method))
            await JsonSerializer.SerializeAsync(response.Body, answer, ApiJsonContext.Answers.HealthAnswer, context.RequestAborted);
    }
}

// In the form of the (expired) IETF draft that most monitors know.
[Description("The health of the service.")]
internal sealed record HealthAnswer(
    [property: Words("HealthStatus", "pass", "warn", "fail")][property: Description("The worst status of all checks.")] string Status,
    [property: Description("Version of the service.")] string Version,
    [property: Description("By name. Empty for liveness.")] IReadOnlyDictionary<string, HealthCheckAnswer> Checks)
{
    public static HealthAnswer Of(HealthReport report) => new(
        Word(report.Status), ProgramVersion.Text, report.Entries.ToDictionary(entry => entry.Key, entry => new HealthCheckAnswer(
            Word(entry.Value.Status),
            entry.Value.Description,
            Math.Round(entry.Value.Duration.TotalMilliseconds, 1),
            entry.Value.Data.Count > 0 ? entry.Value.Data.ToDictionary(pair => pair.Key, pair => pair.Value.ToString() ?? "") : null)));

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "pass",
        HealthStatus.Degraded => "warn",
        _ => "fail",
    };
}

[Description("The result of one check.")]
internal sealed record HealthCheckAnswer(
    [property: Words("HealthStatus", "pass", "warn", "fail")][property: Description("Whether it passed.")] string Status,
    [property: Description("What is wrong. Null if nothing is.")] string? Output,
    [property: Description("Duration of the check in milliseconds.")] double ObservedMs,
    [property: Description("Further facts, such as the upstream's mode. Null if there are none.")]
    IReadOnlyDictionary<string, string>? Facts);
