using System.Net.Mime;
using System.Text;
using GenApi.Core.Errors;
using GenApi.Core.Replicate.Api;
using GenApi.Core.Replicate.Reading;

namespace GenApi.Core.Replicate.Calls;

/// <summary>Reads models, versions, hardware and the account.</summary>
public sealed partial class ReplicateClient
{
    /// <summary>Reads a model.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.UnknownModel"/></exception>
    public Task<ReplicateModel> GetModelAsync(string owner, string name, CancellationToken cancellationToken) =>
        CallAsync(
            ReplicateLeg.ReadModel, token => _api.Value.GetModelAsync(owner, name, token), answer => answer.ToModel(), cancellationToken);

    /// <summary>Reads a version of a model.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.UnknownModel"/></exception>
    public Task<ReplicateModelVersion> GetVersionAsync(string owner, string name, string version, CancellationToken cancellationToken) =>
        CallAsync(
            ReplicateLeg.ReadModel,
            token => _api.Value.GetVersionAsync(owner, name, version, token),
            answer => answer.ToVersion(),
            cancellationToken);

    /// <summary>Lists the versions of a model, newest first; official models may list none.</summary>
    public Task<ReplicateVersionPage> ListVersionsAsync(string owner, string name, string? nextUrl, CancellationToken cancellationToken)
    {
        var next = NextAddress(nextUrl);
        return CallAsync(
            ReplicateLeg.ReadModel,
            token => _api.Value.ListVersionsAsync(owner, name, next, token),
            answer => answer.Results is null
                ? null
                : new ReplicateVersionPage(
                    [.. answer.Results.Select(row => row?.ToVersion()).OfType<ReplicateModelVersion>()], answer.Next),
            cancellationToken);
    }

    /// <summary>
    /// Finds public models by words, best first. It uses the search, which is in beta, or the list of models where there is no search. Both
    /// return one page.
    /// </summary>
    /// <param name="words">The words to search for.</param>
    /// <param name="limit">1 to 50.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<ReplicateModel>> SearchModelsAsync(string words, int limit, CancellationToken cancellationToken)
    {
        try
        {
            return await CallAsync<SearchBody, IReadOnlyList<ReplicateModel>>(
                ReplicateLeg.Search,
                token => _api.Value.SearchAsync(words, limit, token),
                answer => answer.Models is null
                    ? null
                    : [.. answer.Models.Select(found => found?.Model?.ToModel()).OfType<ReplicateModel>().Take(limit)],
                cancellationToken);
        }
        catch (GenApiException none) when (none.Kind == ErrorKind.NotFound)
        {
            return await CallAsync<PageBody<ModelBody>, IReadOnlyList<ReplicateModel>>(
                ReplicateLeg.ReadOther,
                token => _api.Value.QueryModelsAsync(new StringContent(words, Encoding.UTF8, MediaTypeNames.Text.Plain), token),
                answer => answer.Results is null
                    ? null
                    : [.. answer.Results.Select(row => row?.ToModel()).OfType<ReplicateModel>().Take(limit)],
                cancellationToken);
        }
    }

    /// <summary>Lists collections of models, without their models.</summary>
    public Task<CollectionsPage> ListCollectionsAsync(string? nextUrl, CancellationToken cancellationToken)
    {
        var next = NextAddress(nextUrl);
        return CallAsync(
            ReplicateLeg.ReadOther,
            token => _api.Value.ListCollectionsAsync(next, token),
            answer => answer.Results is null
                ? null
                : new CollectionsPage(
                    [.. answer.Results.Select(row => row?.ToCollection()).OfType<CollectionOfModels>()], answer.Next),
            cancellationToken);
    }

    /// <summary>Reads a collection with its models.</summary>
    /// <exception cref="GenApiException"><see cref="ErrorKind.NotFound"/></exception>
    public Task<CollectionOfModels> GetCollectionAsync(string slug, CancellationToken cancellationToken) =>
        UpstreamBounds.IsName(slug)
            ? CallAsync(
                ReplicateLeg.ReadCollection, token => _api.Value.GetCollectionAsync(slug, token), answer => answer.ToCollection(),
                cancellationToken)
            : throw new GenApiException(ErrorKind.NotFound, "There is no such collection.");

    public Task<ReplicateAccount> GetAccountAsync(CancellationToken cancellationToken) =>
        CallAsync(
            ReplicateLeg.ReadOther,
            _api.Value.GetAccountAsync,
            answer => new ReplicateAccount(answer.Type, answer.Username, answer.Name),
            cancellationToken);

    public Task<IReadOnlyList<ReplicateHardware>> ListHardwareAsync(CancellationToken cancellationToken) =>
        CallAsync<HardwareBody[], IReadOnlyList<ReplicateHardware>>(
            ReplicateLeg.ReadOther,
            _api.Value.ListHardwareAsync,
            answer => [.. answer.Where(row => row?.Sku is not null).Select(row => new ReplicateHardware(row.Sku!, row.Name))],
            cancellationToken);
}
