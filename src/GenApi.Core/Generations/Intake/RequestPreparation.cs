using GenApi.Core.Generations.Queueing;
using GenApi.Core.Models.Prices;
using GenApi.Core.Persistence;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Intake;

/// <summary>What has to be there before a request becomes a row: its files, and what it may cost.</summary>
internal sealed class RequestPreparation(RequestFiles files, Pricing pricing, IOptions<GenerationOptions> options, GenerationLedger ledger)
{
    public GenerationLedger Ledger => ledger;

    /// <summary>Before the transaction: bytes first, row second; and the history of a model may have to be read.</summary>
    public async Task<ResolvedRequest> PrepareAsync(ResolvedRequest resolved, Guid account, CancellationToken cancellationToken)
    {
        var input = await files.KeepAsync(resolved.Input, account, cancellationToken);
        return resolved.With(input, await pricing.EstimateAsync(resolved.Model, input, TimeSpan.FromSeconds(options.Value.MaxRunSeconds), cancellationToken));
    }

    /// <summary>Inside it.</summary>
    /// <inheritdoc cref="RequestFiles.RequireAsync"/>
    public Task RequireAsync(GenApiDbContext db, ResolvedRequest resolved, CancellationToken cancellationToken) =>
        files.RequireAsync(db, resolved.Input, cancellationToken);
}
