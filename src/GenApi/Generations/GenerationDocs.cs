using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;

namespace GenApi.Generations;

/// <summary>Describes these routes in the API document. The examples run as they are, against the sandbox and against Replicate.</summary>
internal static class GenerationDocs
{
    private const string Tag = ApiTags.Generations;
    private const string IdText = "`gen_…`.";
    private const string IsGone = "It is deleted.";
    private static readonly (string, string)[] Accepted =
        [("Location", "The address of the generation."), ("Retry-After", "Seconds until it is worth asking again.")];

    public static void DocumentGenerate(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("Generate", Tag, "Make images, or get the ones made before",
            $"Waits for the images as long as `Prefer: wait=n` says (0 to {Seconds(PreferHeader.LongestWait)} seconds), or 60 seconds. "
                + "After that the work continues, and 202 names the address of the generation. "
            + "A caller that disconnects ends only its own wait. GenApi reports everything that is wrong with the body at once, before "
            + "it sends anything upstream.")
        .Header(PreferHeader.Name,
            "`wait=20`, `respond-async`, or both (RFC 7240). GenApi ignores a preference that it can't read, and waits at most "
                + $"{Seconds(PreferHeader.LongestWait)} seconds.",
            "wait=60")
        .Header(IdempotencyHeader.Name,
            $"1 to {IdempotencyHeader.Longest} visible ASCII characters. The same key and body return the same generation for 24 hours; "
                + "another body returns 422.")
        .Header("Cache-Control", "`no-cache`: always a new run. `only-if-cached`: a stored answer or a run in flight, otherwise 504.")
        .Header("X-Request-Id", "Returned unchanged: up to 128 visible ASCII characters.")
        .Body<GenerateRequest>(
            ("sdxl", "SDXL, one image",
                """
                { "prompt": "an astronaut riding a horse on the moon, golden hour", "model": "sdxl", "width": 1024,
                  "height": 1024, "seed": 42 }
                """),
            ("sd", "Stable Diffusion, two images by the common names",
                """
                { "prompt": "a lighthouse above a quiet sea, watercolour", "model": "sd",
                  "negative_prompt": "text, frame", "width": 768, "height": 512, "steps": 30, "guidance": 7.5,
                  "num_outputs": 2, "seed": 11 }
                """),
            ("flux", "FLUX schnell, by aspect ratio",
                """
                { "prompt": "a lighthouse in a storm, oil painting", "model": "flux-schnell", "aspect_ratio": "16:9",
                  "seed": 7 }
                """),
            ("own-names", "The model's own names next to the common ones",
                """
                { "prompt": "a red fox in snow", "model": "sdxl", "input": { "scheduler": "K_EULER",
                  "num_inference_steps": 25 }, "metadata": { "ticket": "A-17" } }
                """))
        .Answer<GenerationContract>(200, "The generation has succeeded, and its images are stored.",
            (CacheStatusHeader.Name, $"How the answer came about (RFC 9211): {Values()}."),
            ("Server-Timing", "Milliseconds of this request: `genapi` is our own share, `upstream` the wait for the model, `store` "
                + "fetching and storing."),
            (PreferHeader.AppliedName, "The preferences that were applied."))
        .Answer<GenerationContract>(202, "The generation is still running, and continues.", Accepted)
        .Problems(ErrorKind.MalformedJson, ErrorKind.InvalidRequest, ErrorKind.BudgetExhausted, ErrorKind.UnpricedModel,
            ErrorKind.UnknownModel, ErrorKind.Conflict, ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType,
            ErrorKind.InvalidInput, ErrorKind.ContentRefused, ErrorKind.IdempotencyMismatch, ErrorKind.UpstreamFailed,
            ErrorKind.UpstreamBadAnswer, ErrorKind.UpstreamNoOutput,
            ErrorKind.DownloadFailed, ErrorKind.UnusableOutput, ErrorKind.UpstreamUnavailable, ErrorKind.UpstreamUnauthorized,
            ErrorKind.UpstreamOutOfCredit, ErrorKind.UpstreamRateLimited,
            ErrorKind.Overloaded, ErrorKind.UpstreamTimeout, ErrorKind.NotCached, ErrorKind.StorageFull);

    public static void DocumentList(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ListGenerations", Tag, "List generations, newest first", "A row must match every filter given. A page costs the same "
            + "however many rows there are.")
        .Query(GenerationListQuery.Parameters)
        .Answer<CursorPage<GenerationContract>>(200, "One page.")
        .Problems(ErrorKind.InvalidRequest);

    public static void DocumentGet(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetGeneration", Tag, "Get a generation", "With `Prefer: wait=n`, waits up to n seconds (at most "
            + $"{Seconds(PreferHeader.LongestWait)}) for a terminal status.")
        .Path("id", IdText)
        .Header(PreferHeader.Name, "`wait=20` (RFC 7240).")
        .Header("If-None-Match", "An earlier `ETag`.")
        .Answer<GenerationContract>(200, "The generation as it is now.",
            ("ETag", "Changes whenever the generation changes, when its image links are renewed, and when its account gets another name."),
            ("Retry-After", "While it runs: seconds until it is worth asking again."))
        .Answer(304, "Nothing has changed.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentCancel(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("CancelGeneration", Tag, "Cancel a generation",
            "The work done so far may be billed. A finished generation stays unchanged. While other keys wait for the same run, a cancel "
                + "ends only the caller's own part.")
        .Path("id", IdText)
        .Answer<GenerationContract>(200, "The generation had already finished. Nothing was changed.")
        .Answer<GenerationContract>(202, "The generation is being canceled.", Accepted)
        .Problems(ErrorKind.NotFound, ErrorKind.Conflict);

    public static void DocumentPin(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("PinGeneration", Tag, "Pin a generation", "Retention no longer removes it, however old it is and however full the store. A "
            + "delete still does.")
        .Path("id", IdText)
        .Answer<GenerationContract>(200, "It is pinned, or was already.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentUnpin(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("UnpinGeneration", Tag, "Unpin a generation", "The retention rules apply to it again.")
        .Path("id", IdText)
        .Answer<GenerationContract>(200, "It is not pinned, or was not before.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentEvents(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("WatchGeneration", Tag, "Follow a generation",
            "Server-sent events: `status` (the generation), `progress` (`percentage`, `current`, `total`), `logs` (`text` to put at "
                + "`offset` of the log), and `done` (the generation) at the end. "
            + "The first event is the generation as it is. `id` is its revision: a listener that returns with `Last-Event-ID` gets "
            + "nothing twice. A comment every 15 seconds keeps the connection open.")
        .Path("id", IdText)
        .Header("Last-Event-ID", "The last `id` received.")
        .Bytes(200, "Events, until the generation ends or the service stops.", "text/event-stream")
        .Answer(204, "The generation has ended, and the listener has its last event.")
        .Problems(ErrorKind.NotFound, ErrorKind.Overloaded);

    public static void DocumentLogs(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetGenerationLogs", Tag, "Get the model's log", "The last 64 K characters. Empty until there is a log.")
        .Path("id", IdText)
        .Text(200, "The log.", "text/plain")
        .Problems(ErrorKind.NotFound);

    public static void DocumentDelete(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("DeleteGeneration", Tag, "Delete a generation, its images and its files", "Bytes that another image shares stay. A running "
            + "generation is canceled first.")
        .Path("id", IdText)
        .Answer(204, IsGone)
        .Problems(ErrorKind.NotFound);

    public static void DocumentImageInfo(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetImageInfo", ApiTags.Images, "Get the facts of an image", "The image's facts, and the generation that made it.")
        .Path("id", "`img_…`.")
        .Answer<ImageInfoContract>(200, "The facts.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentFileInfo(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetFileInfo", ApiTags.Files, "Get the facts of a file", "The file's facts, and the generation that made it.")
        .Path("id", "`fil_…`.")
        .Answer<FileInfoContract>(200, "The facts.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentFileDelete(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("DeleteFile", ApiTags.Files, "Delete a file",
            "Its generation stays, and no longer answers other requests. Bytes that another file shares stay.")
        .Path("id", "`fil_…`.")
        .Answer(204, IsGone)
        .Problems(ErrorKind.NotFound);

    public static void DocumentImageDelete(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("DeleteImage", ApiTags.Images, "Delete an image",
            "Its generation stays, and no longer answers other requests. Bytes that another image shares stay.")
        .Path("id", "`img_…`.")
        .Answer(204, IsGone)
        .Problems(ErrorKind.NotFound);

    private static int Seconds(TimeSpan time) => (int)time.TotalSeconds;

    private static string Values()
    {
        var values = CacheStatusHeader.Values.Select(each => $"`{each.Value}`").ToList();
        return $"{string.Join(", ", values[..^1])} or {values[^1]}";
    }
}
