using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Logging;

namespace GenApi.Core.Models.Catalogue;

/// <summary>
/// What the upstream tells people about models: read from the rows, and asked for where there is none yet. A list must come whether the
/// upstream answers or not, so asking has an end, and what was not told by then is absent.
/// </summary>
internal sealed partial class ModelDescriptions(
    ModelCatalogue catalogue, ModelSource source, SteadyClock clock, ILogger<ModelDescriptions> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>After a failure to ask: a page that is reloaded must not wait for the same failure every time.</summary>
    internal static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private const int AtOnce = 8;

    private long _notBefore;

    /// <summary>By <c>owner/name</c>, without schemas; a model that is not there has not been told of.</summary>
    /// <param name="models">Without versions.</param>
    /// <param name="cancellationToken">Ends the wait; questions already sent are seen through.</param>
    /// <exception cref="GenApiException">StorageUnavailable.</exception>
    public async Task<IReadOnlyDictionary<string, ModelEntry>> OfAsync(IReadOnlyCollection<ModelReference> models, CancellationToken cancellationToken)
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
            await Parallel.ForEachAsync(missing, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = linked.Token }, async (model, token) =>
            {
                try
                {
                    await catalogue.DescribeAsync(model, token);
                }
                catch (GenApiException unknown) when (unknown.Kind == ErrorKind.UnknownModel)
                {
                    // An alias for something that is gone is still an alias; whoever uses it is told.
                }
            });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // What has not been told in time may be there for the next who asks.
        }
        catch (GenApiException failure)
        {
            Volatile.Write(ref _notBefore, (clock.Now + Pause).UtcTicks);
            Log.NotAsked(logger, failure.Code, failure);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Models could not be asked about at the upstream ({Code}); lists show what is known")]
        public static partial void NotAsked(ILogger logger, string code, Exception failure);
    }
}
