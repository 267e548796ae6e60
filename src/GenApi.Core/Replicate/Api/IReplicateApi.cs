using GenApi.Core.Errors;
using GenApi.Core.Replicate.Calls;
using Refit;

namespace GenApi.Core.Replicate.Api;

/// <summary>
/// The part of Replicate's HTTP API that we use. It is an interface because Refit generates the rest; only <see cref="ReplicateClient"/>
/// uses it. <see cref="ReplicateAuthHandler"/> replaces the route with a <c>next</c> address.
/// </summary>
internal interface IReplicateApi
{
    // Buffered, so that the body has a length and is surely being sent when the connection can fail: see ReplicateRegistration.
    [Post("/v1/predictions")]
    Task<IApiResponse<PredictionBody>> CreateAsync(
        [Body(buffered: true)] CreateBody body, [Header("Cancel-After")] string? cancelAfter,
        [Property(CreationFence.Question)] Func<GenApiException?>? fence, CancellationToken cancellationToken);

    [Post("/v1/models/{owner}/{name}/predictions")]
    Task<IApiResponse<PredictionBody>> CreateForModelAsync(
        string owner, string name, [Body(buffered: true)] CreateBody body, [Header("Cancel-After")] string? cancelAfter,
        [Property(CreationFence.Question)] Func<GenApiException?>? fence, CancellationToken cancellationToken);

    [Get("/v1/predictions/{id}")]
    Task<IApiResponse<PredictionBody>> GetAsync(string id, CancellationToken cancellationToken);

    [Post("/v1/predictions/{id}/cancel")]
    Task<IApiResponse<PredictionBody>> CancelAsync(string id, CancellationToken cancellationToken);

    [Get("/v1/predictions")]
    Task<IApiResponse<PageBody<PredictionBody>>> ListAsync(
        [AliasAs("created_after")] string? createdAfter, [AliasAs("created_before")] string? createdBefore,
        [Property(ReplicateAuthHandler.NextAddress)] Uri? next, CancellationToken cancellationToken);

    [Get("/v1/models/{owner}/{name}")]
    Task<IApiResponse<ModelBody>> GetModelAsync(string owner, string name, CancellationToken cancellationToken);

    [Get("/v1/models/{owner}/{name}/versions/{version}")]
    Task<IApiResponse<VersionBody>> GetVersionAsync(string owner, string name, string version, CancellationToken cancellationToken);

    [Get("/v1/models/{owner}/{name}/versions")]
    Task<IApiResponse<PageBody<VersionBody>>> ListVersionsAsync(
        string owner, string name, [Property(ReplicateAuthHandler.NextAddress)] Uri? next, CancellationToken cancellationToken);

    [Get("/v1/search")]
    Task<IApiResponse<SearchBody>> SearchAsync(string query, int limit, CancellationToken cancellationToken);

    [HttpQuery("/v1/models")]
    Task<IApiResponse<PageBody<ModelBody>>> QueryModelsAsync([Body] HttpContent words, CancellationToken cancellationToken);

    [Get("/v1/collections")]
    Task<IApiResponse<PageBody<CollectionBody>>> ListCollectionsAsync(
        [Property(ReplicateAuthHandler.NextAddress)] Uri? next, CancellationToken cancellationToken);

    [Get("/v1/collections/{slug}")]
    Task<IApiResponse<CollectionBody>> GetCollectionAsync(string slug, CancellationToken cancellationToken);

    [Get("/v1/account")]
    Task<IApiResponse<AccountBody>> GetAccountAsync(CancellationToken cancellationToken);

    [Get("/v1/webhooks/default/secret")]
    Task<IApiResponse<WebhookSecretBody>> GetWebhookSecretAsync(CancellationToken cancellationToken);

    [Get("/v1/hardware")]
    Task<IApiResponse<HardwareBody[]>> ListHardwareAsync(CancellationToken cancellationToken);

    // One part with its name and type, as Replicate's own clients send it.
    [Multipart]
    [Post("/v1/files")]
    Task<IApiResponse<FileBody>> CreateFileAsync([AliasAs("content")] StreamPart content, CancellationToken cancellationToken);

    [Get("/v1/files/{id}")]
    Task<IApiResponse<FileBody>> GetFileAsync(string id, CancellationToken cancellationToken);

    [Delete("/v1/files/{id}")]
    Task<IApiResponse<string>> DeleteFileAsync(string id, CancellationToken cancellationToken);
}

/// <summary>The HTTP method QUERY: a read with its query in the body.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class HttpQueryAttribute(string path) : HttpMethodAttribute(path)
{
    public override HttpMethod Method => new HttpMethod("QUERY");
}
