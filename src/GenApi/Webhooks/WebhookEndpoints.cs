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
/// POST /webhooks/replicate: receives Replicate's webhooks about predictions. GenApi must have issued the address and Replicate must have
/// signed the body; otherwise the answer is 401 without details. A webhook about an ended or deleted generation gets 200. So no answer
/// reveals which generations exist.
/// </summary>
internal sealed class WebhookEndpoints(WebhookAddress address, ReplicateWebhooks replicate, PredictionWebhooks webhooks)
{
    /// <summary>
    /// The largest body that is read. A prediction with its log has some kilobytes; one with images as data URIs can be larger, and the
    /// next poll fetches it.
    /// </summary>
    private const int MostBytes = 1 << 20;

    public async Task ReceiveAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (One(query["generation"]) is not { } id || One(query["sig"]) is not { } signature
            || !address.IsOurs(id, signature) || !PublicId.TryParse(PublicId.Generation, id, out var generationId))
            throw new GenApiException(ErrorKind.Unauthenticated, "This service did not issue this address.");
        context.TagGeneration(id);
        var body = await JsonBody.BytesAsync(context.Request, MostBytes, context.RequestAborted);
        var headers = context.Request.Headers;
        var signed = new WebhookHeaders(
            One(headers[WebhookHeaders.IdName]), One(headers[WebhookHeaders.TimestampName]), One(headers[WebhookHeaders.SignatureName]));
        var prediction = await replicate.ReadAsync(signed, body, context.RequestAborted);
        await webhooks.ReceiveAsync(generationId, prediction, body, context.RequestAborted);
    }

    private static string? One(StringValues values) => values is [{ Length: > 0 } one] ? one : null;
}
