using System.Globalization;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.Logs;

namespace GenApi.Generations;

/// <summary>How a generation is answered: statuses, headers and bytes.</summary>
internal sealed class GenerationAnswers(GenerationRendering rendering)
{
    /// <summary>A look a second is what an unfinished generation is worth; who wants to know sooner waits or follows its events.</summary>
    private const string RetryAfterSeconds = "1";

    public GenerationRendering Rendering => rendering;

    /// <summary>It changes with every change of the generation, and when the links to its images are renewed.</summary>
    public string EntityTag(Generation generation) => rendering.LinkExpiry() is > 0 and var expires
        ? string.Create(CultureInfo.InvariantCulture, $"W/\"{generation.Revision}-{expires}\"")
        : string.Create(CultureInfo.InvariantCulture, $"W/\"{generation.Revision}\"");

    /// <summary>200 when it has succeeded, 202 while it runs.</summary>
    /// <exception cref="GenApiException">It has failed, was canceled, or can't be stored.</exception>
    public Task WriteOutcomeAsync(HttpContext context, GenerationDetails details)
    {
        var generation = details.Generation;
        switch (generation.Status)
        {
            case GenerationStatus.Succeeded:
                return WriteAsync(context, StatusCodes.Status200OK, details);
            case GenerationStatus.Failed:
                throw new GenApiException(ErrorCodes.Find(generation.ErrorCode ?? "") ?? ErrorKind.UpstreamFailed, generation.ErrorMessage ?? "The generation failed.")
                {
                    GenerationId = generation.Id,
                    Errors = GenerationRendering.Members(generation) ?? new Dictionary<string, string[]>(),
                };
            case GenerationStatus.Canceled:
                throw new GenApiException(ErrorKind.Conflict, "The generation was canceled before it had an image.") { GenerationId = generation.Id };
        }
        return WriteAcceptedAsync(context, details);
    }

    /// <summary>202 and where to look.</summary>
    public Task WriteAcceptedAsync(HttpContext context, GenerationDetails details)
    {
        var headers = context.Response.Headers;
        headers.Location = GenerationRendering.SelfUrl(details.Generation, CallerAddress.Of(context.Request));
        headers.RetryAfter = RetryAfterSeconds;
        return WriteAsync(context, StatusCodes.Status202Accepted, details);
    }

    public Task WriteAsync(HttpContext context, int status, GenerationDetails details) =>
        JsonAnswer.WriteAsync(context, status, rendering.Bytes(details, context.Request));

    /// <summary>
    /// What this request spent where: upstream, storing, and the rest, which is ours. Only the part that lies within the request counts, so a joined
    /// run or an answer from the store does not show time that nobody waited.
    /// </summary>
    public static string ServerTiming(Generation generation, CacheOutcome outcome, DateTimeOffset startedAt, DateTimeOffset now)
    {
        var total = (now - startedAt).TotalMilliseconds;
        if (outcome == CacheOutcome.Hit)
            return string.Create(CultureInfo.InvariantCulture, $"genapi;dur={total:0.##}");
        var upstream = Overlap(generation.AcceptedAt, generation.StoringAt ?? generation.CompletedAt ?? now, startedAt, now);
        var store = Overlap(generation.StoringAt, generation.CompletedAt ?? now, startedAt, now);
        return string.Create(CultureInfo.InvariantCulture, $"genapi;dur={Math.Max(0, total - upstream - store):0.##}, upstream;dur={upstream:0.##}, store;dur={store:0.##}");
    }

    public static void Tag(HttpContext context, Generation generation) => context.TagGeneration(PublicId.Format(PublicId.Generation, generation.Id));

    private static double Overlap(DateTimeOffset? from, DateTimeOffset to, DateTimeOffset windowFrom, DateTimeOffset windowTo)
    {
        if (from is not { } begin)
            return 0;
        var overlap = (to < windowTo ? to : windowTo) - (begin > windowFrom ? begin : windowFrom);
        return overlap > TimeSpan.Zero ? overlap.TotalMilliseconds : 0;
    }
}
