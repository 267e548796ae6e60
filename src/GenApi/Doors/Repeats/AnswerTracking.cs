using GenApi.Core.Generations;
using GenApi.Core.Generations.Queueing;
using GenApi.Core.Persistence;
using GenApi.Hosting.Logs;

namespace GenApi.Doors.Repeats;

/// <summary>
/// Follows the answer to a request until it is completely written or its connection breaks, by which a repeat shows.
/// </summary>
internal static class AnswerTracking
{
    /// <summary>An answer up to this length, in bytes, is handed to the system in one piece.</summary>
    private const int OnePiece = 16 * 1024;

    /// <summary>
    /// Returns the answer to this request, for <see cref="RepeatKey.Answer"/>. From the first call on it is followed. All generations of
    /// the request share it.
    /// </summary>
    public static PendingAnswer PendingAnswer(this HttpContext context)
    {
        if (context.Features.Get<PendingAnswer>() is { } known)
            return known;
        var answer = new PendingAnswer();
        context.Features.Set(answer);
        context.Follow(answer, context.RequestServices.GetRequiredService<UnansweredRequests>());
        return answer;
    }

    /// <summary>
    /// Names a generation that the request is about. From now on an error of this request names it too, and says that a repeat is no use:
    /// the generation may have been paid for.
    /// </summary>
    public static void AwaitsAnswer(this HttpContext context, Guid generationId) =>
        context.TagGeneration(PublicId.Format(PublicId.Generation, generationId));

    /// <summary>
    /// Says that the answer lacks what its caller asked for, such as an id instead of images: a repeat gets the generation.
    /// </summary>
    public static void OwesOutput(this HttpContext context) => context.PendingAnswer().IsOwed = true;

    /// <summary>Takes <see cref="OwesOutput"/> back: the answer has the outputs, or says why there are none.</summary>
    public static void HasOutput(this HttpContext context) => context.PendingAnswer().IsOwed = false;

    /// <summary>Reports the end of the answer. A request that is answered from memory at once needs none of it.</summary>
    public static void Follow(this HttpContext context, PendingAnswer answer, UnansweredRequests unanswered)
    {
        var connection = context.Features.Get<LastAnswer>();
        if (connection?.Answer is { } before)
        {
            unanswered.Forget(before);
            connection.Answer = null;
        }
        if (connection is not null && IsEndedByClient(context))
            answer.WasReset = connection.WasReset;
        var wasConnected = false;
        if (!context.Response.HasStarted)
        {
            context.Response.OnStarting(() =>
            {
                wasConnected = !context.RequestAborted.IsCancellationRequested;
                // The caller may have it, and send the next request, before the server gets to the end of this one.
                return EndOf(context, wasConnected) switch
                {
                    AnswerEnd.Written when IsHandedOver(context, wasConnected) => unanswered.HandOverAsync(answer),
                    AnswerEnd.Refused => unanswered.RefuseAsync(answer),
                    _ => Task.CompletedTask,
                };
            });
        }
        context.Response.OnCompleted(() =>
        {
            var end = EndOf(context, wasConnected);
            if (end == AnswerEnd.Written && answer.WasReset is not null)
                (connection!.Answer, connection.Unanswered) = (answer, unanswered);
            return unanswered.EndAsync(answer, end);
        });
    }

    private static bool IsHandedOver(HttpContext context, bool wasConnected) => wasConnected && context.Response.ContentLength <= OnePiece;

    private static AnswerEnd EndOf(HttpContext context, bool wasConnected)
    {
        // A caller may read a short answer and close its connection before the server has noticed that the answer is complete. What still
        // waits for the connection then fails. If the caller did not read the answer, the end of the connection shows that.
        var isAborted = context.RequestAborted.IsCancellationRequested;
        var hasFailed = context.Features.Get<RequestNotes>() is { HasFailed: true };
        if ((isAborted || hasFailed) && !(isAborted && IsHandedOver(context, wasConnected)))
            return AnswerEnd.Broken;
        return context.Response.StatusCode >= StatusCodes.Status400BadRequest || context.Features.Get<PendingAnswer>() is { IsOwed: true }
            ? AnswerEnd.Refused
            : AnswerEnd.Written;
    }

    /// <summary>True if requests follow each other on the connection and its client ends it, so that the end says something.</summary>
    private static bool IsEndedByClient(HttpContext context) => context.Request.Protocol == "HTTP/1.1"
        && !context.Request.Headers.Connection.ToString().Contains("close", StringComparison.OrdinalIgnoreCase);
}
