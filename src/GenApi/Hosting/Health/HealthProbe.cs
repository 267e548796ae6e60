using System.Text.Json;
using GenApi.Hosting.Verbs;

namespace GenApi.Hosting.Health;

/// <summary>
/// <c>GenApi.dll health</c>: asks the service that runs with the same settings whether it is ready. A container image needs no other
/// program for its health check. Exit code 0: ready.
/// </summary>
internal static class HealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static Verb Verb { get; } =
        new("health", "Asks the running service whether it is ready. Exit code 0: ready.", call => RunAsync(call.Configuration))
        { Refused = 1 };

    /// <returns>The service's answer; null if there is no answer, or another program gives it.</returns>
    public static async Task<HealthAnswer?> AskAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(Target(configuration["Urls"]), cancellationToken);
            var body = await answer.Content.ReadAsByteArrayAsync(cancellationToken);
            return JsonSerializer.Deserialize(body, ApiJsonContext.Answers.HealthAnswer) is { Status: not null, Checks: not null } health
                ? health
                : null;
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException
            || (failure is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }

    public static async Task<int> RunAsync(IConfiguration configuration)
    {
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(Target(configuration["Urls"]));
            await Console.Out.WriteLineAsync(await answer.Content.ReadAsStringAsync());
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"No answer: {failure.Message}");
            return 1;
        }
    }

    /// <summary>Returns the address of <c>/health/ready</c>: at the first address of the setting, or at localhost for a wildcard.</summary>
    internal static Uri Target(string? urls)
    {
        var address = BindingAddress.Parse((urls ?? "http://localhost:8080").Split(';')[0].Trim());
        var host = address.Host is "+" or "*" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return new Uri($"{address.Scheme}://{host}:{address.Port}/health/ready");
    }
}
