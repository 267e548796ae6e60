using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;
using Microsoft.OpenApi;

namespace GenApi.Generations;

/// <summary>What the API document says about these routes. The examples run as they are, against the sandbox and against Replicate.</summary>
internal static class GenerationDocs
{
    private const string Tag = ApiTags.Generations;
    private const string IdText = "`gen_…`.";
    private static readonly (string, string)[] Accepted = [("Location", "Where to look."), ("Retry-After", "Seconds until a look is worth it.")];

    public static void DocumentGenerate(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("Generate", Tag, "Make images, or answer with those made before",
            "Waits for the images as long as `Prefer: wait=n` says (0 to 300 seconds), or 60 seconds. What is not finished by then goes on, and 202 tells where to look. "
            + "A caller that leaves ends its wait only. Everything that is wrong with the body is told at once, before anything is sent upstream.")
        .Header("Prefer", "`wait=20`, `respond-async`, or both (RFC 7240). What can't be read is ignored; more than 300 seconds are 300.", "wait=60")
        .Header("Idempotency-Key", "1 to 255 visible characters. The same key and body give the same generation for 24 hours; with another body 422.")
        .Header("Cache-Control", "`no-cache`: always make anew. `only-if-cached`: answer from the store, or with 504.")
        .Header("X-Request-Id", "Given back.")
        .Body<GenerateRequest>(
            ("sdxl", "SDXL, one image", """{ "prompt": "an astronaut riding a horse on the moon, golden hour", "model": "sdxl", "width": 1024, "height": 1024, "seed": 42 }"""),
            ("sd", "Stable Diffusion, two images by the common names", """{ "prompt": "a lighthouse above a quiet sea, watercolour", "model": "sd", "negative_prompt": "text, frame", "width": 768, "height": 512, "steps": 30, "guidance": 7.5, "num_outputs": 2, "seed": 11 }"""),
            ("flux", "FLUX schnell, by aspect ratio", """{ "prompt": "a lighthouse in a storm, oil painting", "model": "flux-schnell", "aspect_ratio": "16:9", "seed": 7 }"""),
            ("own-names", "The model's own names beside the common ones", """{ "prompt": "a red fox in snow", "model": "sdxl", "input": { "scheduler": "K_EULER", "num_inference_steps": 25 }, "metadata": { "ticket": "A-17" } }"""))
        .Answer<GenerationContract>(200, "It has succeeded: the images are stored.",
            ("Cache-Status", "`GenApi; hit`, `GenApi; fwd=miss; stored`, `GenApi; fwd=stale; stored; detail=bytes-lost`, `GenApi; fwd=miss; collapsed` or `GenApi; fwd=bypass` (RFC 9211)."),
            ("Server-Timing", "In milliseconds: `genapi` our own share, `upstream`, `store`."),
            ("Preference-Applied", "What was made of `Prefer`."))
        .Answer<GenerationContract>(202, "It is still running, and goes on.", Accepted)
        .Problems(ErrorKind.MalformedJson, ErrorKind.InvalidRequest, ErrorKind.BudgetExhausted, ErrorKind.UnpricedModel, ErrorKind.UnknownModel, ErrorKind.Conflict, ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType,
            ErrorKind.InvalidInput, ErrorKind.ContentRefused, ErrorKind.IdempotencyMismatch, ErrorKind.UpstreamFailed, ErrorKind.UpstreamBadAnswer, ErrorKind.UpstreamNoOutput,
            ErrorKind.DownloadFailed, ErrorKind.UnusableOutput, ErrorKind.UpstreamUnavailable, ErrorKind.UpstreamUnauthorized, ErrorKind.UpstreamOutOfCredit, ErrorKind.UpstreamRateLimited,
            ErrorKind.Overloaded, ErrorKind.UpstreamTimeout, ErrorKind.NotCached, ErrorKind.StorageFull);

    public static void DocumentList(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ListGenerations", Tag, "List generations, newest first", "All filters that are given must hold. The cost of a page does not grow with the number of rows.")
        .Query("status", new WordsAttribute("GenerationStatus", typeof(GenerationStatus)), "Only these.")
        .Query("model", JsonSchemaType.String, "An alias, `owner/name`, or the address of the model's page.")
        .Query("created_after", JsonSchemaType.String, "RFC 3339; inclusive.")
        .Query("created_before", JsonSchemaType.String, "RFC 3339; exclusive.")
        .Query("q", JsonSchemaType.String, "Words of the prompt, each from its beginning, in any order; Chinese, Japanese, Korean, Thai and other text without spaces, and emoji, by any part of it.")
        .Query("pinned", JsonSchemaType.Boolean, "Only those that are pinned, or only those that are not.")
        .Query("limit", JsonSchemaType.Integer, "1 to 100; 20 when absent.")
        .Query("cursor", JsonSchemaType.String, "`next_cursor` of the page before.")
        .Answer<CursorPage<GenerationContract>>(200, "A page.")
        .Problems(ErrorKind.InvalidRequest);

    public static void DocumentGet(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetGeneration", Tag, "Get a generation", "With `Prefer: wait=n` it waits up to n seconds (at most 300) for a terminal status.")
        .Path("id", IdText)
        .Header("Prefer", "`wait=20` (RFC 7240).")
        .Header("If-None-Match", "An `ETag` from before.")
        .Answer<GenerationContract>(200, "As it is now.", ("ETag", "Changes with every change of the generation."), ("Retry-After", "Seconds until a look is worth it, while it runs."))
        .Answer(304, "Nothing has changed.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentCancel(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("CancelGeneration", Tag, "Cancel a generation",
            "What the model has done until then may be billed. A finished generation stays as it is. While other keys wait for it, only the caller's own part ends.")
        .Path("id", IdText)
        .Answer<GenerationContract>(200, "It had finished before; nothing was changed.")
        .Answer<GenerationContract>(202, "It is being canceled.", Accepted)
        .Problems(ErrorKind.NotFound, ErrorKind.Conflict);

    public static void DocumentPin(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("PinGeneration", Tag, "Pin a generation", "Retention leaves it alone from now on, however old it is and however full the store. A deletion does not ask.")
        .Path("id", IdText)
        .Answer<GenerationContract>(200, "It is pinned, now or already.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentUnpin(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("UnpinGeneration", Tag, "Unpin a generation", "The rules of retention hold for it again.")
        .Path("id", IdText)
        .Answer<GenerationContract>(200, "It is not pinned, now or already.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentEvents(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("WatchGeneration", Tag, "Follow a generation",
            "Server-sent events: `status` (the generation), `progress` (`percentage`, `current`, `total`), `logs` (`text` to put at `offset` of the log), and `done` (the generation) at the end. "
            + "The first event is the generation as it is. `id` is its revision: a listener that comes back with `Last-Event-ID` is told nothing twice. A comment every 15 seconds keeps the connection.")
        .Path("id", IdText)
        .Header("Last-Event-ID", "The last `id` seen.")
        .Bytes(200, "Events, until the generation has ended or the service stops.", "text/event-stream")
        .Answer(204, "It has ended, and the listener knows.")
        .Problems(ErrorKind.NotFound, ErrorKind.Overloaded);

    public static void DocumentLogs(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetGenerationLogs", Tag, "Get the model's log", "The last 64 K characters; empty until there is one.")
        .Path("id", IdText)
        .Text(200, "The log.", "text/plain")
        .Problems(ErrorKind.NotFound);

    public static void DocumentDelete(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("DeleteGeneration", Tag, "Delete a generation, its images and its files", "Bytes that another image shares stay. A running one is canceled first.")
        .Path("id", IdText)
        .Answer(204, "It is gone.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentImageInfo(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetImageInfo", ApiTags.Images, "Get what is known of an image", "Its facts, and the generation that made it.")
        .Path("id", "`img_…`.")
        .Answer<ImageInfoContract>(200, "The facts.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentFileInfo(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetFileInfo", ApiTags.Files, "Get what is known of a file", "Its facts, and the generation that made it.")
        .Path("id", "`fil_…`.")
        .Answer<FileInfoContract>(200, "The facts.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentFileDelete(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("DeleteFile", ApiTags.Files, "Delete a file",
            "Its generation stays, and answers no further request. Bytes that another file shares stay.")
        .Path("id", "`fil_…`.")
        .Answer(204, "It is gone.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentImageDelete(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("DeleteImage", ApiTags.Images, "Delete an image",
            "Its generation stays, and answers no further request. Bytes that another image shares stay.")
        .Path("id", "`img_…`.")
        .Answer(204, "It is gone.")
        .Problems(ErrorKind.NotFound);
}
