using GenApi.Core.Errors;
using GenApi.Hosting.OpenApi;

namespace GenApi.Generations.Following;

/// <summary>Describes the route in the API document.</summary>
internal static class FeedDocs
{
    public static void DocumentFeed(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("WatchGenerations", ApiTags.Generations, "Follow all generations",
            "Server-sent events about everything that the caller sees: `generation` (the generation, with its `revision`, and only the "
                + "beginning of each data URI in its input), `progress` "
                + "(`id`, `percentage`, `current`, `total`, `revision`), `removed` and `restored` (`id` of a generation, or `image` or "
                + "`file` with its `generation`), and `tagged` (`image`, `tags`). The stream begins with what the caller has missed since "
                + "`Last-Event-ID` and with the unfinished generations. `ready` ends that part. `reset` means that more was missed than "
                + "is known: read lists again. A comment every 15 seconds keeps the connection open.")
        .Header("Last-Event-ID", "The last `id` received.")
        .Query(FeedStream.Parameters)
        .Bytes(200, "Events, until the caller disconnects or the service stops.", "text/event-stream")
        .Problems(ErrorKind.InvalidRequest, ErrorKind.Overloaded);
}
