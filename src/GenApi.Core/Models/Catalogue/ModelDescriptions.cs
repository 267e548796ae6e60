using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Models.Catalogue;

/// <summary>
/// Returns what the upstream tells people about models: from the rows, and from the upstream if there is no row yet. A list must come even
/// if the upstream does not answer, so asking has a time limit; what has not arrived by then is absent.
/// </summary>
public sealed partial class ModelDescriptions(
    ModelCatalogue catalogue, ModelSource source, SteadyClock clock, ILogger<ModelDescriptions> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>The pause after a failed question: a page that is reloaded must not wait for the same failure every time.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private const int AtOnce = 8;

    private long _notBefore;

    /// <summary>Returns descriptions by <c>owner/name</c>, without schemas; a model without one is absent.</summary>
    /// <param name="models">Without versions.</param>
    /// <param name="cancellationToken">Cancels the wait; questions already sent are completed.</param>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    internal async Task<IReadOnlyDictionary<string, ModelEntry>> OfAsync(
        IReadOnlyCollection<ModelReference> models, CancellationToken cancellationToken)
    {
        var references = models.Select(model => model.ToString()).Distinct().ToList();
        var rows = await source.ListAsync(references, cancellationToken);
        var missing = models.Where(model => rows.GetValueOrDefault(model.ToString())?.DescribedAt is null).Distinct().ToList();
        if (missing.Count == 0 || clock.Now.UtcTicks < Volatile.Read(ref _notBefore))
            return rows;
        await AskAsync(missing, cancellationToken);
        return await source.ListAsync(references, cancellationToken);
    }

    private async Task AskAsync(List<ModelReference> missing, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, patience.Token);
        try
        {
            var bounds = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = linked.Token };
            await Parallel.ForEachAsync(missing, bounds, async (model, token) =>
            {
                try
                {
                    await catalogue.DescribeAsync(model, token);
                }
                catch (GenApiException unknown) when (unknown.Kind == ErrorKind.UnknownModel)
                {
                    // An alias for a model that is gone is still an alias; a caller who uses it gets the error.
                }
            });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // What has not arrived in time may be there for the next caller.
        }
        catch (GenApiException failure)
        {
            Volatile.Write(ref _notBefore, (clock.Now + Pause).UtcTicks);
            Log.NotAsked(logger, failure.Code, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The upstream could not be asked about models ({Code}); lists show what is known")]
        public static partial void NotAsked(ILogger logger, string code, Exception failure);
    }
}
