using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Prices;
using GenApi.Core.Models.Schemas;
using GenApi.Core.Models.Settings;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations.Intake;

/// <summary>
/// Resolves the model, input and files of a request, and prepares it for the store. If model and files are known in memory, resolving
/// completes at once.
/// </summary>
internal sealed class RequestResolver(
    ModelCatalogue models, MaskPolarity masks, RequestFiles files, Pricing pricing, ReplicateUpstream upstream,
    IOptions<GenerationOptions> options)
{
    private readonly KnownRequests _known = new();

    /// <summary>Remembers a request that was answered from memory: it may come again.</summary>
    public void Remember(GenerationRequest request, ResolvedRequest resolved) => _known.Add(request, resolved);

    public ValueTask<ResolvedRequest> ResolveAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var resolving = models.ResolveAsync(request.Model, cancellationToken);
        return resolving.IsCompletedSuccessfully
            ? ResolveAsync(request, resolving.Result, cancellationToken)
            : new(AwaitAsync(resolving.AsTask()));

        async Task<ResolvedRequest> AwaitAsync(Task<ResolvedModel> pending) =>
            await ResolveAsync(request, await pending, cancellationToken);
    }

    /// <summary>
    /// Stores the files that become uploads, and estimates the cost. It runs before the transaction: bytes go first and the row second, and
    /// the times of a model may have to be read.
    /// </summary>
    /// <exception cref="GenApiException">InvalidInput: a file holds no image. Or the storage can't take it.</exception>
    public async Task<ResolvedRequest> PrepareAsync(ResolvedRequest resolved, Guid account, CancellationToken cancellationToken)
    {
        var input = await files.StoreAsync(resolved.Input, account, cancellationToken);
        return await WithCostAsync(resolved, input, cancellationToken);
    }

    /// <summary>Refuses what <see cref="PrepareAsync"/> would refuse, and estimates the cost. It stores nothing.</summary>
    /// <exception cref="GenApiException">As for <see cref="PrepareAsync"/>.</exception>
    public async Task<ResolvedRequest> CheckAsync(ResolvedRequest resolved, CancellationToken cancellationToken)
    {
        await files.CheckAsync(resolved.Input, cancellationToken);
        return await WithCostAsync(resolved, resolved.Input, cancellationToken);
    }

    private async Task<ResolvedRequest> WithCostAsync(
        ResolvedRequest resolved, NormalisedInput input, CancellationToken cancellationToken)
    {
        var longest = TimeSpan.FromSeconds(options.Value.MaxRunSeconds);
        return resolved.With(input, await pricing.EstimateAsync(resolved.Model, input, longest, cancellationToken));
    }

    private ValueTask<ResolvedRequest> ResolveAsync(GenerationRequest request, ResolvedModel model, CancellationToken cancellationToken)
    {
        if (_known.TryFind(request, model, out var known))
            return new(known);
        var mask = request.Common.ContainsKey(CommonNames.Mask) ? masks.Of(model) : MaskColour.White;
        if (request.OwnerId != FixedAccounts.KeepWarmId && !request.AllowsDefaultPrompt)
            InputNames.RequirePrompt(model.Input, request.Common, request.Input);
        NormalisedInput input;
        try
        {
            input = InputNames.Map(model.Input, request.Common, request.Input, mask);
        }
        catch (GenApiException refusal) when (refusal.Kind == ErrorKind.InvalidInput
            && InputNames.Lacking(model.Input, request.Common) is { Count: > 0 } lacking)
        {
            return new(ExplainAsync(refusal, lacking));
        }
        SizeSteps.Check(model, input, request.Common.ContainsKey);
        return input.Files.Count == 0 ? new(Resolved(request, model, input, null)) : new(IdentifyAsync());

        async Task<ResolvedRequest> IdentifyAsync()
        {
            var (known, fault) = await files.IdentifyAsync(input, request, cancellationToken);
            return Resolved(request, model, known, fault);
        }

        // Throws the same refusal, naming a model that takes what this one lacks. Only a refusal searches for one, because it may ask the
        // upstream.
        async Task<ResolvedRequest> ExplainAsync(GenApiException refusal, IReadOnlyList<string> lacking)
        {
            var aliases = new Dictionary<string, string>();
            foreach (var common in lacking)
            {
                var alias = await models.FindAliasAsync(other => CommonTargets.Of(other.Input).ContainsKey(common), cancellationToken);
                if (alias is not null)
                    aliases[common] = alias;
            }
            InputNames.Map(model.Input, request.Common, request.Input, mask, new InputHints(model.Reference, aliases));
            throw refusal;
        }
    }

    private ResolvedRequest Resolved(GenerationRequest request, ResolvedModel model, NormalisedInput input, GenApiException? fault) =>
        new(upstream.Name, model, options.Value.CacheScope == CacheScope.Key ? request.OwnerId : null, input,
            request.Cache ?? options.Value.DefaultCache, request.Metadata, fault);
}
