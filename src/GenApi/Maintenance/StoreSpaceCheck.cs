using System.Globalization;
using GenApi.Core.Maintenance.Cleanup;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GenApi.Maintenance;

/// <summary>
/// How full the store is. It warns when it is over its bound and nothing may go, and when bytes were found to be lost; it never fails,
/// because what is stored can be served.
/// </summary>
internal sealed class StoreSpaceCheck(StoreSpace space) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        // Everybody may ask, and a count in bytes would tell of each picture that somebody makes.
        var facts = new Dictionary<string, object> { ["max_bytes"] = space.MaxBytes?.ToString(CultureInfo.InvariantCulture) ?? "no bound" };
        if (space is { Bytes: { } bytes, MaxBytes: > 0 and var most })
            facts["used_percent"] = (100 * (decimal)bytes / most).ToString("0", CultureInfo.InvariantCulture);
        if (space.MissingImages + space.DamagedImages > 0)
        {
            facts["missing_images"] = space.MissingImages;
            facts["damaged_images"] = space.DamagedImages;
            return Task.FromResult(HealthCheckResult.Degraded("Images were found without their bytes, or with damaged ones, since the start: look for them in the log, and at the disk.", data: facts));
        }
        return Task.FromResult(space.IsStuck
            ? HealthCheckResult.Degraded("The store is over Upkeep:MaxBytes, and all that is left is pinned, unfinished, still to be told of or younger than an hour.", data: facts)
            : HealthCheckResult.Healthy(data: facts));
    }
}
