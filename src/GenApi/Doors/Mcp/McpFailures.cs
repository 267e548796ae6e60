using System.Diagnostics;
using System.Globalization;
using System.Text;
using GenApi.Core.Accounts;
using GenApi.Core.Diagnostics;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Hosting.Logs;
using GenApi.Hosting.Problems;
using GenApi.Hosting.Requests;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace GenApi.Doors.Mcp;

/// <summary>
/// Turns failures into tool errors with a sentence or, where the client and not its model must act, into errors of the protocol. Both go
/// into the log line of the request, as a problem document does.
/// </summary>
internal sealed partial class McpFailures(ILogger<McpFailures> logger)
{
    /// <summary>Of the text of a tool error.</summary>
    private const int LongestText = 8_000;

    /// <summary>Returns the tool error for an expected failure: its sentence, every member at fault, and what became of the run.</summary>
    public CallToolResult Result(GenApiException failure, HttpContext context)
    {
        Note(failure, context);
        // The message of several mistakes is the first one and a number.
        var text = new StringBuilder(failure.Errors.Count > 1 ? "These are wrong:" : failure.Message);
        if (failure.Errors.Count > 1)
        {
            foreach (var (path, sentences) in failure.Errors)
                text.Append(CultureInfo.InvariantCulture, $"\n- {path}: {string.Join(' ', sentences)}");
        }
        if (failure.GenerationId is { } id)
            text.Append(CultureInfo.InvariantCulture, $"\nThis is about {PublicId.Format(PublicId.Generation, id)} ({failure.Code}).");
        else
            text.Append(CultureInfo.InvariantCulture, $"\nNothing was made or paid for ({failure.Code}).");
        if (failure.RetryAfter is { } wait)
            text.Append(CultureInfo.InvariantCulture, $" Try again in {Math.Max(1, Math.Ceiling(wait.TotalSeconds)):0} seconds.");
        return Result(text.ToString());
    }

    /// <summary>
    /// Returns the tool error for a failure that nobody expected; the log has the details. A generation that the call has made is named.
    /// </summary>
    public CallToolResult Unexpected(Exception failure, HttpContext context)
    {
        Log.Unexpected(logger, failure);
        var about = context.Features.Get<RequestNotes>() is { GenerationId: { } id }
            ? $"\nThis is about {id}: call get_generation with this id."
            : "";
        return Result($"Something went wrong inside the service. The log has the details under the trace id {TraceId}.{about}");
    }

    /// <summary>Returns the error of the protocol for a failure outside tools.</summary>
    public McpProtocolException Protocol(GenApiException failure, HttpContext context)
    {
        Note(failure, context);
        var code = failure.Kind switch
        {
            // The version 2026-07-28 dropped the separate code.
            ErrorKind.NotFound when string.CompareOrdinal(context.Request.Headers["MCP-Protocol-Version"], "2026-07-28") < 0 =>
                McpErrorCode.ResourceNotFound,
            ErrorKind.NotFound => McpErrorCode.InvalidParams,
            ErrorKind.InvalidRequest => McpErrorCode.InvalidParams,
            _ => McpErrorCode.InvalidRequest,
        };
        return new McpProtocolException(SecretText.Scrub(MemberErrors.Shorten(failure.Message, LongestText)), code);
    }

    /// <exception cref="GenApiException">Forbidden: the caller lacks the right.</exception>
    public static void Require(Caller caller, KeyRights right, string what)
    {
        if (caller.Has(right))
            return;
        var word = right.Words()[0];
        throw new GenApiException(
            ErrorKind.Forbidden, $"The API key '{caller.Name}' does not have the right '{word}', which {what} needs.");
    }

    public static CallToolResult Result(string sentence) => new()
    {
        IsError = true,
        Content = [new TextContentBlock { Text = SecretText.Scrub(MemberErrors.Shorten(sentence, LongestText)) }],
    };

    private static string TraceId => Activity.Current?.TraceId.ToHexString() ?? "";

    private void Note(GenApiException failure, HttpContext context)
    {
        var status = ProblemTable.StatusOf(failure.Kind);
        // The inner exception holds the details that only the operator may see.
        if (status >= StatusCodes.Status500InternalServerError && failure.InnerException is not null)
            Log.Failed(logger, failure.Code, failure.Message, failure.InnerException);
        RequestNotes.Of(context).Record(new Problem(
            "", ProblemTable.TitleOf(failure.Kind), status, SecretText.Scrub(failure.Message), failure.Code, TraceId)
        {
            Errors = failure.Errors.Count > 0 ? failure.Errors : null,
            GenerationId = failure.GenerationId is { } id ? PublicId.Format(PublicId.Generation, id) : null,
        });
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Code}: {Detail}")]
        public static partial void Failed(ILogger logger, string code, string detail, Exception cause);

        [LoggerMessage(2, LogLevel.Error, "A tool failed unexpectedly")]
        public static partial void Unexpected(ILogger logger, Exception failure);
    }
}
