using GenApi.Core.Models;
using GenApi.Core.Replicate;
using Microsoft.Extensions.Options;

namespace GenApi.Core.Generations;

/// <summary>Finds model and input of a request. For a model that is known already it happens on the spot.</summary>
internal sealed class RequestResolver(ModelCatalogue models, ReplicateUpstream upstream, IOptions<GenerationOptions> options)
{
    public ValueTask<ResolvedRequest> ResolveAsync(GenerationRequest request, CancellationToken cancellationToken)
    {
        var resolving = models.ResolveAsync(request.Model, cancellationToken);
        return resolving.IsCompletedSuccessfully ? new(Resolve(request, resolving.Result)) : new(AwaitAsync(resolving.AsTask()));

        async Task<ResolvedRequest> AwaitAsync(Task<ResolvedModel> pending) => Resolve(request, await pending);
    }

    private ResolvedRequest Resolve(GenerationRequest request, ResolvedModel model) => new(
        upstream.Name, model, InputNames.Map(model.Input, request.Common, request.Input), request.Cache ?? options.Value.DefaultCache, request.Metadata);
}
