using System.Text;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Following;
using GenApi.Hosting;
using GenApi.Hosting.Requests;
using Microsoft.OpenApi;

namespace GenApi.Generations.Following;

/// <summary>
/// GET /events: everything that happens to the generations that a caller sees. It begins with what the caller has missed since
/// <c>Last-Event-ID</c> and with the unfinished generations; <c>ready</c> ends that part.
/// </summary>
internal sealed class FeedStream(GenerationFeed feed, FeedRendering rendering, TimeProvider time)
{
    private const string LastIdHeader = "Last-Event-ID";

    public static IReadOnlyList<QueryParameter> Parameters { get; } =
    [
        QueryParameter.Text("last_event_id", "As the header `Last-Event-ID`, which goes before it."),
        new("follow", JsonSchemaType.Boolean, "`false`: the stream ends after `ready`. Absent: it goes on."),
    ];

    public async Task EventsAsync(HttpContext context)
    {
        var (lastId, isFollowed) = Read(context.Request);
        using var listener = await feed.ListenAsync(context.Caller(), context.RequestAborted);
        var beginning = await feed.BeginAsync(listener, lastId, context.RequestAborted);
        var stream = new EventStreamResponse(context.Response, time);
        await stream.BeginAsync(context.RequestAborted);
        try
        {
            await context.WhileAdmittedAsync(async ended =>
            {
                await stream.WriteAsync(rendering.Bytes(beginning, context), ended);
                while (isFollowed && await stream.WaitAsync(listener.NextAsync(ended), () => Comment(listener), ended) is { } events)
                    await stream.WriteAsync(rendering.Bytes(events, context), ended);
                return true;
            });
        }
        catch (GenApiException over) when (over.Kind == ErrorKind.Unauthenticated)
        {
            // The key was revoked after the answer began. The stream ends, and a reconnecting caller gets the reason.
        }
    }

    /// <summary>Moves the listener's last id on, so that it can come back after hours in which nothing happened to what it sees.</summary>
    private byte[] Comment(FeedListener listener) =>
        Encoding.UTF8.GetBytes(feed.IdlePosition(listener) is { } position ? $":\nid: {position}\n\n" : ":\n\n");

    private static (string? LastId, bool IsFollowed) Read(HttpRequest request)
    {
        var errors = new MemberErrors();
        PageParameters.CheckNames(request.Query, Parameters, errors);
        var (parameter, follow) = (ListFilters.Text(request.Query, "last_event_id"), ListFilters.Flag(request.Query, "follow", errors));
        errors.ThrowIfAny();
        return (request.Headers[LastIdHeader] is [{ Length: > 0 } header, ..] ? header : parameter, follow is not false);
    }
}
