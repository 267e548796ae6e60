using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting.Health;
using GenApi.Hosting.Logs;
using GenApi.Hosting.Problems;
using GenApi.Hosting.Requests;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Features;

namespace GenApi.Hosting.Edge;

/// <summary>
/// Turns every failure into a problem document: an expected one with its own sentence, any other as <c>internal_error</c> without details.
/// </summary>
internal sealed partial class ProblemHandler(ILogger<ProblemHandler> logger) : IExceptionHandler
{
    /// <summary>The longest problem document, whatever the request was: 64 kB.</summary>
    internal const int MostBytes = 64_000;

    private const int LongestPath = 200, LongestDetail = 2_000;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        var problem = exception switch
        {
            GenApiException expected => Expected(expected),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => TooLarge(httpContext),
            BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } => TooSlow(),
            BadHttpRequestException bad => Bare(bad.StatusCode),
            _ => Unexpected(exception),
        };
        await WriteAsync(httpContext, problem);
        return true;
    }

    /// <summary>Writes a refusal without throwing an exception, because turning callers away must be cheap.</summary>
    public static Task WriteAsync(HttpContext context, GenApiException refusal) => WriteAsync(context, Of(refusal));

    /// <summary>Writes the problem for a status that routing or a handler set without a body.</summary>
    public static Task WriteBareAsync(HttpContext context) => WriteAsync(context, Bare(context.Response.StatusCode) with
    {
        Detail = context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at {Path(context)}.",
            StatusCodes.Status405MethodNotAllowed =>
                $"{Path(context)} does not take {MemberErrors.Shorten(context.Request.Method)}. Allowed: {context.Response.Headers.Allow}.",
            _ => Bare(context.Response.StatusCode).Detail,
        },
    });

    private static string Path(HttpContext context) =>
        MemberErrors.Shorten($"{context.Request.PathBase.Value}{context.Request.Path.Value}", LongestPath);

    private Problem Expected(GenApiException failure)
    {
        var status = ProblemTable.StatusOf(failure.Kind);
        // The inner exception holds the details that only the operator may see.
        if (status >= StatusCodes.Status500InternalServerError && failure.InnerException is not null)
            Log.Failed(logger, failure.Code, failure.Message, failure.InnerException);
        return Of(failure);
    }

    private Problem Unexpected(Exception failure)
    {
        Log.Unexpected(logger, failure);
        return Bare(StatusCodes.Status500InternalServerError) with { Detail = "The log has the details under this trace id." };
    }

    private static Problem TooLarge(HttpContext context)
    {
        // A route may have its own limit.
        var most = context.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize ?? JsonBody.MostBytes;
        return Bare(StatusCodes.Status413PayloadTooLarge) with { Detail = $"The body may have at most {ByteSize.Text(most)}." };
    }

    private static Problem TooSlow() => Bare(StatusCodes.Status408RequestTimeout) with
    {
        Detail = $"The body came too slowly. After the first {ServerLimits.SlowBody.GracePeriod.TotalSeconds:0} seconds, send at least "
            + $"{ByteSize.Text((long)ServerLimits.SlowBody.BytesPerSecond)} a second.",
    };

    private static Problem Bare(int status)
    {
        var (code, title) = ProblemTable.Bare(status);
        return Of(status, code, title, $"{title}.");
    }

    private static Problem Of(GenApiException failure) => Of(
        ProblemTable.StatusOf(failure.Kind), failure.Code, ProblemTable.TitleOf(failure.Kind), failure.Message) with
    {
        Errors = failure.Errors.Count > 0 ? failure.Errors : null,
        Budget = failure.Budget is { } budget ? BudgetProblem.From(budget) : null,
        GenerationId = failure.GenerationId is { } id ? PublicId.Format(PublicId.Generation, id) : null,
        RetryAfter = failure.RetryAfter is { } wait ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : null,
    };

    private static Problem Of(int status, string code, string title, string detail) =>
        new($"urn:genapi:problem:{code}", title, status, detail, code, Activity.Current?.TraceId.ToHexString() ?? "");

    private static Task WriteAsync(HttpContext context, Problem problem)
    {
        // An error after the creation names the generation, whatever failed.
        if (problem.GenerationId is null && context.Features.Get<RequestNotes>() is { GenerationId: { } id })
            problem = problem with { GenerationId = id };
        if (ProblemForm.For(context) is { } form)
            return WriteFormedAsync(context, form, ProblemForm.WithoutRepeats(problem));
        var body = JsonSerializer.SerializeToUtf8Bytes(problem, ApiJsonContext.Answers.Problem);
        // Lists of errors are bounded at their source. This limit covers text that an upstream or a later version adds.
        if (body.Length > MostBytes)
        {
            problem = problem with { Errors = null, Detail = MemberErrors.Shorten(problem.Detail, LongestDetail) };
            body = JsonSerializer.SerializeToUtf8Bytes(problem, ApiJsonContext.Answers.Problem);
        }
        // A sentence may repeat a secret that a caller sent in the wrong place, and proxies and foreign logs store answers.
        if (SecretText.MayHoldSecret(body))
            body = Encoding.UTF8.GetBytes(SecretText.Scrub(Encoding.UTF8.GetString(body)));
        return WriteAsync(context, problem, new(problem.Status, Problem.ContentType, body));
    }

    private static Task WriteFormedAsync(HttpContext context, ProblemForm form, Problem problem)
    {
        problem = problem with { Detail = SecretText.Scrub(MemberErrors.Shorten(problem.Detail, LongestDetail)) };
        var formed = form.Write(problem, context);
        if (SecretText.MayHoldSecret(formed.Body))
            formed = formed with { Body = Encoding.UTF8.GetBytes(SecretText.Scrub(Encoding.UTF8.GetString(formed.Body))) };
        return WriteAsync(context, problem, formed);
    }

    private static Task WriteAsync(HttpContext context, Problem problem, FormedProblem formed)
    {
        var (status, contentType, body) = formed;
        RequestNotes.Of(context).Record(problem);
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        // The exception middleware has emptied the headers.
        response.Headers[RequestIds.Header] = context.TraceIdentifier;
        SecurityHeaders.Write(context);
        if (problem.Status == StatusCodes.Status401Unauthorized && response.Headers.WWWAuthenticate.Count == 0)
            response.Headers.WWWAuthenticate = "Bearer";
        if (problem.GenerationId is not null)
            response.Headers[ProblemForm.ShouldRetry] = "false";
        if (problem.RetryAfter is { } seconds)
            response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body).AsTask();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Code}: {Detail}")]
        public static partial void Failed(ILogger logger, string code, string detail, Exception cause);

        [LoggerMessage(2, LogLevel.Error, "A request failed unexpectedly")]
        public static partial void Unexpected(ILogger logger, Exception failure);
    }
}
