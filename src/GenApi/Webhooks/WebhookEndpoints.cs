using GenApi.Core.Errors;
using GenApi.Core.Generations.Worker;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate.Webhooks;
using GenApi.Core.Webhooks;
using GenApi.Hosting.Logs;
using GenApi.Hosting.Requests;
using Microsoft.Extensions.Primitives;

namespace GenApi.Webhooks;

/// <summary>
/// POST /webhooks/replicate: what Replicate tells of a prediction. The address must be one that we gave out, and the body signed by Replicate; what either lacks is
/// 401 and nothing else, and what is about a generation that has ended or is gone is 200, so nobody learns from the answer what there is.
/// </summary>
internal sealed class WebhookEndpoints(WebhookAddress address, ReplicateWebhooks replicate, PredictionWebhooks news)
{
    /// <summary>A prediction with its log has some kilobytes; with its images as data URIs it can be larger, and then a look fetches it.</summary>
    private const int MostBytes = 1 << 20;

    public async Task HearAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (One(query["generation"]) is not { } id || One(query["sig"]) is not { } signature
            || !address.IsOurs(id, signature) || !PublicId.TryParse(PublicId.Generation, id, out var generationId))
            throw new GenApiException(ErrorKind.Unauthenticated, "The address is not one that this service gave out.");
        context.TagGeneration(id);
        var body = await JsonBody.BytesAsync(context.Request, MostBytes, context.RequestAborted);
        var headers = context.Request.Headers;
        var prediction = await replicate.ReadAsync(
            new WebhookHeaders(One(headers[WebhookHeaders.IdName]), One(headers[WebhookHeaders.TimestampName]), One(headers[WebhookHeaders.SignatureName])),
            body, context.RequestAborted);
        await news.HearAsync(generationId, prediction, context.RequestAborted);
    }

    private static string? One(StringValues values) => values is [{ Length: > 0 } one] ? one : null;
}
