using GenApi.Core.Accounts;
using GenApi.Core.Persistence;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Compact;
using Serilog.Formatting.Display;

namespace GenApi.Hosting;

/// <summary>
/// Logs: readable lines in Development, one JSON object per line elsewhere, both to stdout. <c>Logging:LogLevel</c> sets the levels as everywhere in
/// .NET. One line per request when it is done, except for what is asked for all day and changes nothing (answers from the store, image bytes, webhooks that arrive, health,
/// documentation): that stands at Debug while it goes well, since at tens of thousands a second a line for each would cost more than the answer.
/// Neither query strings nor bodies are logged, so no prompt is; and no line leaves with a secret in it (<see cref="ScrubbedFormatter"/>).
/// </summary>
internal static class Observability
{
    private const string GenerationIdItem = "GenerationId";
    private const string Line = "{RequestMethod:l} {RequestPath:l} {StatusCode} in {Elapsed:0.0} ms";
    private const string Template = "{Timestamp:HH:mm:ss.fff} {Level:u3} {Message:lj}{NewLine}{Exception}";

    public static void AddObservability(this WebApplicationBuilder builder)
    {
        var isReadable = builder.Environment.IsDevelopment();
        // The static logger stays out of it: several hosts can live in one process, as in the tests.
        builder.Services.AddSerilog((services, log) =>
        {
            log.Enrich.FromLogContext().ReadFrom.Services(services);
            SetLevels(log, builder.Configuration.GetSection("Logging:LogLevel"));
            log.Filter.ByExcluding(IsRefusedStart);
            ITextFormatter line = isReadable ? new MessageTemplateTextFormatter(Template, System.Globalization.CultureInfo.InvariantCulture) : new RenderedCompactJsonFormatter();
            log.WriteTo.Console(new ScrubbedFormatter(line, ScrubbedFormatter.SecretsOf(builder.Configuration)));
        }, preserveStaticLogger: true);
    }

    public static void UseRequestLog(this WebApplication app) => app.UseSerilogRequestLogging(options =>
    {
        options.Logger = app.Services.GetRequiredService<Serilog.ILogger>();
        options.MessageTemplate = Line;
        options.GetLevel = LevelOf;
        options.EnrichDiagnosticContext = (diagnostics, context) =>
        {
            diagnostics.Set("RequestId", context.TraceIdentifier);
            if (context.Features.Get<Caller>()?.KeyId is { } keyId)
                diagnostics.Set("KeyId", PublicId.Format(PublicId.Key, keyId));
            if (context.Items.TryGetValue(GenerationIdItem, out var id))
                diagnostics.Set(GenerationIdItem, id);
        };
    });

    /// <summary>Puts the generation's id into the request's line.</summary>
    public static void TagGeneration(this HttpContext context, string id) => context.Items[GenerationIdItem] = id;

    internal static LogEventLevel LevelOf(HttpContext context, double elapsed, Exception? failure)
    {
        var status = context.Response.StatusCode;
        if (failure is not null && !context.RequestAborted.IsCancellationRequested)
            return LogEventLevel.Error;
        if (status >= StatusCodes.Status500InternalServerError)
            return IsHealth(context.Request.Path) ? LogEventLevel.Debug : LogEventLevel.Warning;
        if (status >= StatusCodes.Status400BadRequest)
            return LogEventLevel.Information;
        return IsRoutine(context) ? LogEventLevel.Debug : LogEventLevel.Information;
    }

    private static bool IsRoutine(HttpContext context)
    {
        var path = context.Request.Path;
        if (HttpMethods.IsPost(context.Request.Method))
            return path.StartsWithSegments("/webhooks") || context.Response.Headers["Cache-Status"] is [{ } outcome] && outcome.EndsWith("; hit", StringComparison.Ordinal);
        return (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            && (IsHealth(path) || path.StartsWithSegments("/metrics") || path.StartsWithSegments("/images") || path.StartsWithSegments("/swagger") || path.StartsWithSegments("/openapi"));
    }

    private static bool IsHealth(PathString path) => path.StartsWithSegments("/health");

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
