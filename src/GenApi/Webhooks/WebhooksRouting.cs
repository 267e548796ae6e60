using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Service;
using GenApi.Core.Generations.Worker;
using GenApi.Core.Persistence;
using GenApi.Core.Replicate.Webhooks;
using GenApi.Core.Webhooks;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;
using GenApi.Hosting.Requests;

namespace GenApi.Webhooks;

internal static class WebhooksRouting
{
    private const string Tag = ApiTags.Webhooks;

    public static IEndpointRouteBuilder MapWebhooks(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var deliveries = new DeliveryEndpoints(
            services.GetRequiredService<GenerationService>(), services.GetRequiredService<GenerationDeliveries>(),
            services.GetRequiredService<WebhookDeliveries>(), services.GetRequiredService<PageCursors>());
        var group = routes.MapGroup("/generations/{id}/deliveries");
        Document(
            group.MapGet("", deliveries.ListAsync).Needs(KeyRights.Read),
            group.MapPost("/{delivery_id}/redeliver", deliveries.RedeliverAsync).Needs(KeyRights.Generate));

        // Only Replicate calls it, with a signature in place of a key, and it exists only if it has a public address.
        var address = services.GetRequiredService<WebhookAddress>();
        if (address.IsOn)
        {
            var incoming = new WebhookEndpoints(
                address, services.GetRequiredService<ReplicateWebhooks>(), services.GetRequiredService<PredictionWebhooks>());
            routes.MapPost(WebhookAddress.Path, incoming.ReceiveAsync).AllowAnonymous().ExcludeFromDescription();
        }
        return routes;
    }

    private static void Document(RouteHandlerBuilder list, RouteHandlerBuilder redeliver)
    {
        new OperationDocs(list)
            .Is("ListDeliveries", Tag, "List the webhook messages of a generation, newest first",
                "One row per event and per request with a `webhook`. Messages are signed as Standard Webhooks specifies.")
            .Path("id", "`gen_…`.")
            .Query(PageParameters.Both)
            .Answer<CursorPage<DeliveryContract>>(200, "One page.")
            .Problems(ErrorKind.InvalidRequest, ErrorKind.NotFound);
        new OperationDocs(redeliver)
            .Is("Redeliver", Tag, "Send a webhook message again", "Sends it at once, with the same id and body. If that fails, the whole "
                + "schedule applies again.")
            .Path("id", "`gen_…`.")
            .Path("delivery_id", "`msg_…`.")
            .Answer<DeliveryContract>(202, "The message is being sent.")
            .Problems(ErrorKind.NotFound);
    }
}
