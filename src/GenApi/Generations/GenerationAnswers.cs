using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.Logs;

namespace GenApi.Generations;

/// <summary>Writes a generation as an answer: status, headers and body.</summary>
internal sealed class GenerationAnswers(GenerationRendering rendering)
{
    /// <summary>Asks for at most one poll a second. Callers that want to know sooner wait or follow the events.</summary>
    private const string RetryAfterSeconds = "1";

    /// <summary>
    /// Returns a tag that changes with every change of the generation, every renewal of the links to its images, and every new name of the
    /// account that the caller sees in it.
    /// </summary>
    public string EntityTag(Generation generation, HttpContext context)
    {
        var links = rendering.LinkExpiry() is > 0 and var expires ? string.Create(CultureInfo.InvariantCulture, $"-{expires}") : "";
        var owner = rendering.OwnerName(generation, context) is { } name
            ? $"-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 4))}"
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"W/\"{generation.Revision}{links}{owner}\"");
    }

    /// <summary>Answers 200 for a succeeded generation and 202 for a running one.</summary>
    /// <exception cref="GenApiException">The generation has failed, was canceled, or can't be stored.</exception>
    public Task WriteOutcomeAsync(HttpContext context, GenerationDetails details)
    {
        if (GenerationFailure.Of(details.Generation) is { } failure)
            throw failure;
        if (details.Generation.Status == GenerationStatus.Succeeded)
            return WriteAsync(context, StatusCodes.Status200OK, details);
        return WriteAcceptedAsync(context, details);
    }

    /// <summary>Answers 202 with the address of the generation.</summary>
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
    /// Writes <c>Server-Timing</c>: the time of this request in the upstream, in storing, and in GenApi itself. Only time within the
    /// request counts, so a joined run or an answer from the store shows no time that nobody waited.
    /// </summary>
    public static string ServerTiming(Generation generation, CacheOutcome outcome, DateTimeOffset startedAt, DateTimeOffset now)
    {
        var total = (now - startedAt).TotalMilliseconds;
        if (outcome == CacheOutcome.Hit)
            return string.Create(CultureInfo.InvariantCulture, $"genapi;dur={total:0.##}");
        var upstream = Overlap(generation.AcceptedAt, generation.StoringAt ?? generation.CompletedAt ?? now, startedAt, now);
        var store = Overlap(generation.StoringAt, generation.CompletedAt ?? now, startedAt, now);
        var own = Math.Max(0, total - upstream - store);
        return string.Create(CultureInfo.InvariantCulture, $"genapi;dur={own:0.##}, upstream;dur={upstream:0.##}, store;dur={store:0.##}");
    }

    public static void Tag(HttpContext context, Generation generation) =>
        context.TagGeneration(PublicId.Format(PublicId.Generation, generation.Id));

    private static double Overlap(DateTimeOffset? from, DateTimeOffset to, DateTimeOffset windowFrom, DateTimeOffset windowTo)
    {
        if (from is not { } begin)
            return 0;
        var overlap = (to < windowTo ? to : windowTo) - (begin > windowFrom ? begin : windowFrom);
        return overlap > TimeSpan.Zero ? overlap.TotalMilliseconds : 0;
    }
}
