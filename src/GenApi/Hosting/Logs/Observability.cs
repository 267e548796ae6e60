using GenApi.Hosting.Settings;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace GenApi.Hosting.Logs;

/// <summary>
/// Sets up the log: readable lines in Development, otherwise one JSON object per line, both to stdout. <c>Logging:LogLevel</c> sets the
/// levels, as everywhere in .NET. No line leaves with a secret in it (<see cref="ScrubbedFormatter"/>), and none before the start has
/// succeeded (<see cref="HeldLines"/>).
/// </summary>
internal static class Observability
{
    /// <returns>The lines, held back until the caller releases them.</returns>
    public static HeldLines AddObservability(this WebApplicationBuilder builder)
    {
        var form = builder.Environment.IsDevelopment() ? LogLines.Readable : LogLines.Json;
        var lines = new HeldLines(new ScrubbedFormatter(form, ScrubbedFormatter.SecretsOf(builder.Configuration)));
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<ILogEventEnricher, CallerOfLine>();
        // Without the static logger: several hosts can live in one process, as in the tests.
        builder.Services.AddSerilog((services, log) =>
        {
            log.Enrich.FromLogContext().ReadFrom.Services(services);
            SetLevels(log, builder.Configuration.GetSection("Logging:LogLevel"));
            log.Filter.ByExcluding(IsRefusedStart);
            log.WriteTo.Sink(lines);
        }, preserveStaticLogger: true);
        return lines;
    }

    public static void UseRequestLog(this IApplicationBuilder app) => app.UseMiddleware<RequestLog>();

    private static void SetLevels(LoggerConfiguration log, IConfigurationSection levels)
    {
        log.MinimumLevel.Is(LogEventLevel.Information);
        foreach (var noise in (string[])["Microsoft", "System"])
            log.MinimumLevel.Override(noise, LogEventLevel.Warning);
        // These log expected events as errors (a taken key, a repeated poll, a worker that is starting, the cookie of another service on
        // this host). GenApi logs what matters.
        string[] noisy =
        [
            "Microsoft.EntityFrameworkCore", "Microsoft.Extensions.Diagnostics.HealthChecks", "Polly", "Microsoft.AspNetCore.Antiforgery",
        ];
        // It warns that its keys are not encrypted; their files are private.
        log.MinimumLevel.Override("Microsoft.AspNetCore.DataProtection", LogEventLevel.Error);
        foreach (var noise in noisy)
            log.MinimumLevel.Override(noise, LevelAlias.Off);
        log.MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information);
        foreach (var each in levels.GetChildren())
        {
            if (!Enum.TryParse<LogLevel>(each.Value, ignoreCase: true, out var level) || int.TryParse(each.Value, out _))
            {
                var allowed = string.Join(", ", Enum.GetNames<LogLevel>());
                throw new Core.Errors.SettingException(each.Path, $"'{each.Value}' is not one of {allowed}.");
            }
            var minimum = level == LogLevel.None ? LevelAlias.Off : (LogEventLevel)(int)level;
            if (each.Key.Equals("Default", StringComparison.OrdinalIgnoreCase))
                log.MinimumLevel.Is(minimum);
            else
                log.MinimumLevel.Override(each.Key, minimum);
        }
    }

    /// <summary>
    /// Recognizes the host's line about a refused start. It would show the whole stack of a failure that the operator can fix, and whose
    /// one sentence is on stderr.
    /// </summary>
    private static bool IsRefusedStart(LogEvent line) => line.Exception is { } failure && StartupRefusal.Sentence(failure) is not null
        && line.Properties.TryGetValue(Constants.SourceContextPropertyName, out var source)
        && source is ScalarValue { Value: "Microsoft.Extensions.Hosting.Internal.Host" };
}
