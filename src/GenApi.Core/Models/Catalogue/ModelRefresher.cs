using GenApi.Core.Background;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Models.Catalogue;

/// <summary>Reads again, once a minute, the models in use that are due.</summary>
internal sealed class ModelRefresher(ModelCatalogue catalogue, TimeProvider time, ILogger<ModelRefresher> logger)
    : BackgroundLoop(time, logger, TimeSpan.FromMinutes(1))
{
    protected override Task WorkAsync(CancellationToken stopping) => catalogue.RefreshDueAsync(stopping);
}
