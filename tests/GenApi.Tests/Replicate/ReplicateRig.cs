using System.Text.Json;
using GenApi.Core.Cluster;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate;
using GenApi.Core.Replicate.Calls;
using GenApi.Core.Replicate.Outputs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace GenApi.Tests.Replicate;

/// <summary>The room as the host composes it, pointed at a server of the test's.</summary>
internal sealed class ReplicateRig : IAsyncDisposable
{
    public const string Token = "r8_0123456789abcdefghijABCDEFGHIJ01234567";

    private readonly ServiceProvider _services;

    public ReplicateRig(Uri baseUrl, Action<IServiceCollection>? adjust = null, params (string Key, string Value)[] settings)
    {
        var services = Compose(
            [("Replicate:BaseUrl", baseUrl.AbsoluteUri), ("Replicate:ApiToken", Token),
            ("Replicate:DeliveryHosts:0", baseUrl.Authority), .. settings]);
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<ILoggerProvider>(Log);
        adjust?.Invoke(services);
        _services = services.BuildServiceProvider();
        Upstream = _services.GetRequiredService<ReplicateUpstream>();
        Upstream.UseReplicate();
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public LogLines Log { get; } = new();

    public ReplicateUpstream Upstream { get; }

    public IServiceProvider Services => _services;

    public ReplicateClient Client => _services.GetRequiredService<ReplicateClient>();

    public OutputDownloader Downloader => _services.GetRequiredService<OutputDownloader>();

    public static NewPrediction ByVersion { get; } = new(null, null, new string('a', 64), Json("""{"prompt":"a fox","seed":7}"""));

    public static NewPrediction ByModel { get; } = new("black-forest-labs", "flux-schnell", null, Json("""{"prompt":"a fox"}"""));

    public static JsonElement Json(string text) => JsonElement.Parse(text);

    public static ServiceCollection Compose(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(
            new ConfigurationBuilder().AddInMemoryCollection(
                settings.Select(pair => KeyValuePair.Create<string, string?>(pair.Key, pair.Value))).Build());
        services.AddLogging();
        services.AddSingleton<InstanceName>();
        services.AddSingleton<ICluster, OneProcess>();
        services.AddReplicate();
        return services;
    }

    public static Task<GenApiException> FailsAsync(Task call) => Assert.ThrowsAsync<GenApiException>(() => call);

    /// <summary>
    /// Moves the clock until the call is over, for waits whose timers start inside it. Without a step it runs five times as fast as real
    /// time and no faster, so that the call's own time-out never comes before an answer that is on its way.
    /// </summary>
    public async Task<T> HurryAsync<T>(Task<T> call, TimeSpan? step = null)
    {
        for (var turn = 0; turn < 1000 && !call.IsCompleted; turn++)
        {
            Time.Advance(step ?? TimeSpan.FromMilliseconds(50));
            await Task.WhenAny(call, Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken));
        }

        Assert.True(call.IsCompleted, "The call did not end.");
        return await call;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        Assert.DoesNotContain(Log.Lines, line => line.Contains(Token, StringComparison.Ordinal));
    }
}

internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        lock (_lines)
            _lines.Add($"{logLevel}: {formatter(state, exception)} {exception}");
    }

    public void Dispose()
    {
    }
}

internal static class ReplicateClientCalls
{
    /// <summary>A creation that waits for its permit, like the service's own first step.</summary>
    public static async Task<Prediction> CreateAsync(
        this ReplicateClient client, NewPrediction request, CancellationToken cancellationToken)
    {
        using var right = await client.WaitToCreateAsync(cancellationToken);
        return await client.CreateAsync(request, right, cancellationToken);
    }
}
