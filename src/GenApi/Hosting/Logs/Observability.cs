using GenApi.Hosting.Start;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace GenApi.Hosting.Logs;

/// <summary>
/// Logs: readable lines in Development, one JSON object per line elsewhere, both to stdout. <c>Logging:LogLevel</c> sets the levels as everywhere in
/// .NET. No line leaves with a secret in it (<see cref="ScrubbedFormatter"/>), and none before the start has succeeded (<see cref="HeldLines"/>).
/// </summary>
internal static class Observability
{
    /// <returns>Holds the lines back until it is told to release them.</returns>
    public static HeldLines AddObservability(this WebApplicationBuilder builder)
    {
        var lines = new HeldLines(new ScrubbedFormatter(
            builder.Environment.IsDevelopment() ? LogLines.Readable : LogLines.Json, ScrubbedFormatter.SecretsOf(builder.Configuration)));
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddSingleton<ILogEventEnricher, CallerOfLine>();
        // The static logger stays out of it: several hosts can live in one process, as in the tests.
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
        // What these call errors is expected here (a key that is taken, a look that is repeated, a worker that is just starting), and told by us where it matters.
        foreach (var noise in (string[])["Microsoft.EntityFrameworkCore", "Microsoft.Extensions.Diagnostics.HealthChecks", "Polly"])
            log.MinimumLevel.Override(noise, LevelAlias.Off);
        log.MinimumLevel.Override("Microsoft.Hosting.Lifetime", LogEventLevel.Information);
        foreach (var each in levels.GetChildren())
        {
            if (!Enum.TryParse<LogLevel>(each.Value, ignoreCase: true, out var level) || int.TryParse(each.Value, out _))
                throw new Core.Errors.SettingException(each.Path, $"'{each.Value}' is not one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
            var minimum = level == LogLevel.None ? LevelAlias.Off : (LogEventLevel)(int)level;
            if (each.Key.Equals("Default", StringComparison.OrdinalIgnoreCase))
                log.MinimumLevel.Is(minimum);
            else
                log.MinimumLevel.Override(each.Key, minimum);
        }
    }

    /// <summary>The host logs a start that failed with its whole stack; what the operator can mend has its one sentence on stderr.</summary>
    private static bool IsRefusedStart(LogEvent line) => line.Exception is { } failure && StartupRefusal.Sentence(failure) is not null
        && line.Properties.TryGetValue(Constants.SourceContextPropertyName, out var source) && source is ScalarValue { Value: "Microsoft.Extensions.Hosting.Internal.Host" };
}
