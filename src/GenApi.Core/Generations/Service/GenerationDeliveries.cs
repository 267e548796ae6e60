using GenApi.Core.Accounts;
using GenApi.Core.Accounts.Audit;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Webhooks;

namespace GenApi.Core.Generations.Service;

/// <summary>What callers do with the webhooks of a generation.</summary>
public sealed class GenerationDeliveries
{
    private readonly GenerationService _generations;
    private readonly WebhookDeliveries _deliveries;
    private readonly AuditLog _audit;

    internal GenerationDeliveries(GenerationService generations, WebhookDeliveries deliveries, AuditLog audit) =>
        (_generations, _deliveries, _audit) = (generations, deliveries, audit);

    /// <summary>Sends it again now, under the same id, and by the whole schedule if that fails.</summary>
    /// <returns>Null when there is no such delivery of the generation, or it is another account's.</returns>
    /// <exception cref="GenApiException">NotFound: there is no such generation for the caller.</exception>
    public async Task<WebhookDelivery?> RedeliverAsync(Guid generationId, Guid deliveryId, Caller caller, string from, CancellationToken cancellationToken)
    {
        var generation = (await _generations.GetAsync(generationId, caller, cancellationToken)).Generation;
        AuditEntry? entry = null;
        var again = await _deliveries.RedeliverAsync(generation.Id, caller.Sight, deliveryId, async (db, delivery, token) => entry = await _audit.AddAsync(
            db, caller, from, "delivery.redeliver", PublicId.Format(PublicId.Message, deliveryId), delivery.AccountId, $"of {PublicId.Format(PublicId.Generation, generation.Id)}", token),
            cancellationToken);
        _audit.Done(entry);
        return again;
    }
}
