using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;

namespace GenApi.Core.Generations.Service;

/// <summary>Resends webhook deliveries of a generation when callers ask for it.</summary>
internal sealed class GenerationDeliveries(GenerationService generations, WebhookDeliveries deliveries, AuditLog audit)
{
    /// <summary>Sends a delivery again now, under the same id, and by the whole schedule if that fails.</summary>
    /// <returns>Null when the generation has no such delivery, or it is another account's.</returns>
    /// <exception cref="GenApiException">NotFound: there is no such generation for the caller.</exception>
    public async Task<WebhookDelivery?> RedeliverAsync(
        Guid generationId, Guid deliveryId, Caller caller, string from, CancellationToken cancellationToken)
    {
        var generation = (await generations.GetAsync(generationId, caller, cancellationToken)).Generation;
        var message = PublicId.Format(PublicId.Message, deliveryId);
        var again = await deliveries.RedeliverAsync(
            generation.Id, caller.VisibleAccount, deliveryId, (db, delivery, token) => audit.AddAsync(
                db, caller, from, "delivery.redeliver", message, delivery.AccountId, $"of {generation.PublicId}", token),
            cancellationToken);
        audit.LogCommitted(again?.Also);
        return again?.Delivery;
    }
}
