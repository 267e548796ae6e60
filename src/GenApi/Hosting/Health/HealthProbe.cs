using System.Text.Json;
using GenApi.Hosting.Verbs;

namespace GenApi.Hosting.Health;

/// <summary>
/// <c>GenApi.dll health</c>: asks the service that runs with the same settings whether it is ready, for containers whose image holds no other
/// program that could ask. Exit code 0: ready.
/// </summary>
internal static class HealthProbe
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    public static Verb Verb { get; } =
        new("health", "Asks the running service whether it is ready. Exit code 0: it is.", call => RunAsync(call.Configuration))
        { Refused = 1 };

    /// <summary>What the service says of its readiness; null: nobody answers, or something else does.</summary>
    public static async Task<HealthAnswer?> AskAsync(IConfiguration configuration, CancellationToken cancellationToken)
    {
        using var client = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(Target(configuration["Urls"]), cancellationToken);
            return JsonSerializer.Deserialize(await answer.Content.ReadAsByteArrayAsync(cancellationToken),
                ApiJsonContext.Answers.HealthAnswer) is { Status: not null, Checks: not null } health
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

    /// <summary>The first address listened on; one that stands for all interfaces is asked on this machine's own.</summary>
    internal static Uri Target(string? urls)
    {
        var address = BindingAddress.Parse((urls ?? "http://localhost:8080").Split(';')[0].Trim());
        var host = address.Host is "+" or "*" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return new Uri($"{address.Scheme}://{host}:{address.Port}/health/ready");
    }
}
