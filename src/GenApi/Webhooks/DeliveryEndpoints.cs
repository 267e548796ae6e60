using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Generations.Service;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;
using GenApi.Hosting;
using GenApi.Hosting.Requests;
using Microsoft.AspNetCore.Mvc;

namespace GenApi.Webhooks;

/// <summary>/generations/{id}/deliveries: lists the webhooks about a generation, and sends them again.</summary>
internal sealed class DeliveryEndpoints(
    GenerationService generations, GenerationDeliveries sending, WebhookDeliveries deliveries, PageCursors cursors)
{
    public async Task ListAsync(string id, HttpContext context)
    {
        var generationId = RouteId.Parse(PublicId.Generation, id, "generation");
        var generation = (await generations.GetAsync(generationId, context.Caller(), context.RequestAborted)).Generation;
        var errors = new MemberErrors();
        PageParameters.CheckNames(context.Request.Query, PageParameters.Both, errors);
        var limit = PageParameters.Limit(context.Request.Query, errors);
        var cursor = PageParameters.Cursor(context.Request.Query, cursors, errors);
        errors.ThrowIfAny();
        var found = await deliveries.ListAsync(
            generation.Id, context.Caller().VisibleAccount, cursor?.Number, limit + 1, context.RequestAborted);
        var rows = found.Take(limit).ToList();
        var next = found.Count > limit ? cursors.Encode(rows[^1].CreatedAt, rows[^1].Number) : null;
        var page = new CursorPage<DeliveryContract>([.. rows.Select(Contract)], next);
        context.Response.Headers.CacheControl = "private, no-cache";
        var json = JsonSerializer.SerializeToUtf8Bytes(page, WebhookJsonContext.Answers.DeliveryPage);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }

    public async Task RedeliverAsync(string id, [FromRoute(Name = "delivery_id")] string deliveryId, HttpContext context)
    {
        var generationId = RouteId.Parse(PublicId.Generation, id, "generation");
        var messageId = RouteId.Parse(PublicId.Message, deliveryId, "delivery", "delivery_id");
        var again = await sending.RedeliverAsync(generationId, messageId, context.Caller(), context.Origin(), context.RequestAborted)
            ?? throw RouteId.Unknown("delivery");
        await JsonAnswer.WriteAsync(
            context, StatusCodes.Status202Accepted,
            JsonSerializer.SerializeToUtf8Bytes(Contract(again), WebhookJsonContext.Answers.DeliveryContract));
    }

    private DeliveryContract Contract(WebhookDelivery delivery) => DeliveryContract.Of(delivery, deliveries.NextAttemptOf(delivery));
}
