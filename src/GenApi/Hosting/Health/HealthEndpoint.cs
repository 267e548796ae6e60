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
        var checks = report.Entries.ToDictionary(entry => entry.Key, entry => new HealthCheckAnswer(
            Word(entry.Value.Status),
            entry.Value.Description,
            Math.Round(entry.Value.Duration.TotalMilliseconds, 1),
            entry.Value.Data.Count > 0 ? entry.Value.Data.ToDictionary(pair => pair.Key, pair => pair.Value.ToString() ?? "") : null));
        var (response, answer) = (context.Response, new HealthAnswer(Word(report.Status), ProgramVersion.Text, checks));
        response.StatusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsGet(context.Request.Method))
            await JsonSerializer.SerializeAsync(response.Body, answer, ApiJsonContext.Answers.HealthAnswer, context.RequestAborted);
    }

    private static string Word(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => "pass",
        HealthStatus.Degraded => "warn",
        _ => "fail",
    };
}

// The form of the (expired) IETF draft that most monitors know.
[Description("How the service is.")]
internal sealed record HealthAnswer(
    [property: Words("HealthStatus", "pass", "warn", "fail")] string Status,
    [property: Description("Of the service.")] string Version,
    [property: Description("By name; none for liveness.")] IReadOnlyDictionary<string, HealthCheckAnswer> Checks);

[Description("What came of one check.")]
internal sealed record HealthCheckAnswer(
    [property: Words("HealthStatus", "pass", "warn", "fail")] string Status,
    [property: Description("What is wrong; null where nothing is.")] string? Output,
    [property: Description("How long the check took, in milliseconds.")] double ObservedMs,
    [property: Description("What else there is to know, such as the upstream's mode; null where there is nothing.")]
    IReadOnlyDictionary<string, string>? Facts);
