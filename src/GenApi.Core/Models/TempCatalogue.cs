using System.Collections.Concurrent;
using GenApi.Core.Replicate;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
namespace GenApi.Core.Models;
public sealed class ModelCatalogue(ReplicateClient replicate, IOptions<ModelOptions> options)
{
    private readonly ConcurrentDictionary<string, ResolvedModel> _known = new();
    public ValueTask<ResolvedModel> ResolveAsync(string? reference, CancellationToken ct)
    {
        reference ??= options.Value.Default;
        return _known.TryGetValue(reference, out var m) ? new(m) : new(Load(reference, ct));
    }
    private async Task<ResolvedModel> Load(string reference, CancellationToken ct)
    {
        var r = ModelReference.Parse(options.Value.Aliases.TryGetValue(reference, out var a) ? a.Model : reference);
        var model = await replicate.GetModelAsync(r.Owner!, r.Name, ct);
        var resolved = new ResolvedModel(r.Owner!, r.Name, model.IsOfficial == true ? null : r.Version ?? model.LatestVersion!.Id, model.LatestVersion is { OpenApiSchema: { } s } ? InputSchema.Parse(s) : InputSchema.Unknown, reference);
        return _known[reference] = resolved;
    }
}
public static class ModelsRegistration
{
    public static IServiceCollection AddModels(this IServiceCollection services) { services.AddOptions<ModelOptions>(); return services.AddSingleton<ModelCatalogue>(); }
}
