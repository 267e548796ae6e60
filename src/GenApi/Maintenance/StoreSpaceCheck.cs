using System.Globalization;
using GenApi.Core.Maintenance.Cleanup;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GenApi.Maintenance;

/// <summary>
/// Checks how full the store is. It warns if the store is over its limit and nothing may be deleted, and if bytes are lost. It never fails,
/// because stored files can still be served.
/// </summary>
internal sealed class StoreSpaceCheck(StoreSpace space) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Anyone may ask, and a count in bytes would reveal each image that somebody generates.
        var facts = new Dictionary<string, object> { ["max_bytes"] = space.MaxBytes?.ToString(CultureInfo.InvariantCulture) ?? "no bound" };
        if (space is { Bytes: { } bytes, MaxBytes: > 0 and var most })
            facts["used_percent"] = (100 * (decimal)bytes / most).ToString("0", CultureInfo.InvariantCulture);
        if (space.MissingImages + space.DamagedImages > 0)
        {
            facts["missing_images"] = space.MissingImages;
            facts["damaged_images"] = space.DamagedImages;
            return Task.FromResult(HealthCheckResult.Degraded(
                "Since the start, images were found with missing or damaged bytes. The log names them; check the disk.", data: facts));
        }
        return Task.FromResult(space.IsStuck
            ? HealthCheckResult.Degraded(
                "The store is over Upkeep:MaxBytes, but everything left is pinned, unfinished, awaiting a webhook or younger than an hour.",
                data: facts)
            : HealthCheckResult.Healthy(data: facts));
    }
}
