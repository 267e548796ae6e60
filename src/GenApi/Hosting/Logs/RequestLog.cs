using System.Diagnostics;

namespace GenApi.Hosting.Logs;

/// <summary>
/// Logs one line per finished request, with the code of its problem. Routine requests that change nothing (answers from the store, image
/// bytes, incoming webhooks, health, documentation) are logged at Debug unless they fail: at tens of thousands a second, a line would cost
/// more than the answer. Query strings and bodies are never logged, so prompts are not either.
/// </summary>
internal sealed partial class RequestLog(RequestDelegate next, ILogger<RequestLog> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        catch (Exception failure) when (!Write(context, began, failure))
        {
            // Never entered: the filter writes the line while the exception passes.
            throw;
        }
        Write(context, began, null);
    }

    internal static LogLevel LevelOf(HttpContext context, Exception? failure)
    {
        var status = context.Response.StatusCode;
        if (failure is not null && !context.RequestAborted.IsCancellationRequested)
            return LogLevel.Error;
        if (status >= StatusCodes.Status500InternalServerError)
            return IsHealth(context.Request.Path) ? LogLevel.Debug : LogLevel.Warning;
        if (status >= StatusCodes.Status400BadRequest)
            return LogLevel.Information;
        return IsRoutine(context) ? LogLevel.Debug : LogLevel.Information;
    }

    private bool Write(HttpContext context, long began, Exception? failure)
    {
        if (failure is not null)
            RequestNotes.Of(context).HasFailed = true;
        var level = LevelOf(context, failure);
        if (!logger.IsEnabled(level))
            return true;
        var (method, path, status) = (context.Request.Method, context.Request.Path.Value, context.Response.StatusCode);
        var elapsed = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        if (context.Features.Get<RequestNotes>() is { Code: { } code })
            Log.Refused(logger, level, method, path, status, code, elapsed, failure);
        else
            Log.Done(logger, level, method, path, status, elapsed, failure);
        return true;
    }

    private static bool IsRoutine(HttpContext context)
    {
        var path = context.Request.Path;
        if (HttpMethods.IsPost(context.Request.Method))
            return path.StartsWithSegments("/webhooks") || context.Response.Headers["Cache-Status"] is [{ } outcome]
                && outcome.EndsWith("; hit", StringComparison.Ordinal);
        return (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
            && (IsHealth(path) || path.StartsWithSegments("/metrics") || path.StartsWithSegments("/images")
                || path.StartsWithSegments("/swagger") || path.StartsWithSegments("/openapi"));
    }

    private static bool IsHealth(PathString path) => path.StartsWithSegments("/health");

    private static partial class Log
    {
        [LoggerMessage(EventId = 1, Message = "{RequestMethod} {RequestPath} {StatusCode} in {Elapsed:0.#} ms")]
        public static partial void Done(
            ILogger logger, LogLevel level, string requestMethod, string? requestPath, int statusCode, double elapsed, Exception? failure);

        [LoggerMessage(EventId = 2, Message = "{RequestMethod} {RequestPath} {StatusCode} {Code} in {Elapsed:0.#} ms")]
        public static partial void Refused(
            ILogger logger, LogLevel level, string requestMethod, string? requestPath, int statusCode, string code, double elapsed,
            Exception? failure);
    }
}
