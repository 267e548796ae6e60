using System.Globalization;

namespace GenApi.Client;

public sealed partial class GenApiClient
{
    /// <summary>The extra time for an upload of the largest size on a slow line.</summary>
    private static readonly TimeSpan UploadTime = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Uploads a picture. Use its id as <see cref="GenerateRequest.Image"/> or <see cref="GenerateRequest.Mask"/>. The service stores it
    /// for a week after its last use.
    /// </summary>
    /// <param name="bytes">PNG, JPEG, WebP, GIF, AVIF, HEIC or BMP; at most 20 MiB.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="GenApiProblemException">413: too large. 415: not a picture that models take.</exception>
    public Task<Upload> UploadAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken = default) =>
        UploadAsync(() => new ReadOnlyMemoryContent(bytes), cancellationToken);

    /// <summary>Uploads a picture from a file; see the other overload.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="IOException">The file can't be read.</exception>
    /// <inheritdoc cref="UploadAsync(ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public Task<Upload> UploadAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return UploadAsync(() => new StreamContent(File.OpenRead(path)), cancellationToken);
    }

    /// <summary>Gets the description of an upload.</summary>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: it was deleted, has expired or never existed.</exception>
    public Task<Upload> GetUploadAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync(new ApiCall(HttpMethod.Get, UploadPath(id)), ClientJson.Default.Upload, cancellationToken);

    /// <summary>Deletes an upload. An unfinished generation that uses it goes on.</summary>
    /// <inheritdoc cref="GetUploadAsync" path="/exception"/>
    public Task DeleteUploadAsync(string id, CancellationToken cancellationToken = default) =>
        RemoveAsync(UploadPath(id), cancellationToken);

    /// <summary>Lists the models that have an alias, by name.</summary>
    public IAsyncEnumerable<ModelSummary> ListModelsAsync(CancellationToken cancellationToken = default) =>
        PagesAsync(static cursor => Route.Query("models", ("cursor", cursor)), ClientJson.Default.PageModelSummary, cancellationToken);

    /// <summary>Searches the aliases and Replicate's own search.</summary>
    /// <param name="words">At most 200 characters.</param>
    /// <param name="limit">1 to 100.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public Task<ModelSearchResult> SearchModelsAsync(string words, int limit = 100, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(words);
        var path = Route.Query("models", ("q", words), ("limit", limit.ToString(CultureInfo.InvariantCulture)));
        return RunAsync(new ApiCall(HttpMethod.Get, path), ClientJson.Default.ModelSearchResult, cancellationToken);
    }

    /// <summary>Gets a model with its inputs and an example.</summary>
    /// <param name="name">An alias, <c>owner/name</c> or <c>owner/name:version</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="GenApiProblemException">404 <c>unknown_model</c>; the detail names the nearest aliases.</exception>
    public Task<ModelDetails> GetModelAsync(string name, CancellationToken cancellationToken = default) =>
        RunAsync(new ApiCall(HttpMethod.Get, ModelPath(name)), ClientJson.Default.ModelDetails, cancellationToken);

    /// <summary>Lists the versions of a community model, newest first; official models list none.</summary>
    /// <param name="name">An alias or <c>owner/name</c>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <inheritdoc cref="GetModelAsync" path="/exception"/>
    public IAsyncEnumerable<ModelVersion> ListModelVersionsAsync(string name, CancellationToken cancellationToken = default)
    {
        var path = ModelPath(name) + "/versions";
        return PagesAsync(cursor => Route.Query(path, ("cursor", cursor)), ClientJson.Default.PageModelVersion, cancellationToken);
    }

    /// <summary>Gets the account of the key, with what it may still spend.</summary>
    public Task<Account> GetAccountAsync(CancellationToken cancellationToken = default) =>
        RunAsync(new ApiCall(HttpMethod.Get, "accounts/me"), ClientJson.Default.Account, cancellationToken);

    /// <summary>Gets a usage report.</summary>
    /// <param name="query">Null: this month by day.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: this key has no access to the account of the query.</exception>
    public Task<Usage> GetUsageAsync(UsageQuery? query = null, CancellationToken cancellationToken = default) =>
        RunAsync(new ApiCall(HttpMethod.Get, (query ?? new()).Path), ClientJson.Default.Usage, cancellationToken);

    /// <summary>Gets the secret that verifies this key's webhooks: see <see cref="WebhookVerifier"/>.</summary>
    public Task<WebhookSecret> GetWebhookSecretAsync(CancellationToken cancellationToken = default) =>
        RunAsync(new ApiCall(HttpMethod.Get, "accounts/me/webhook-secret"), ClientJson.Default.WebhookSecret, cancellationToken);

    private static string UploadPath(string id) => $"uploads/{Route.Segment(id)}";

    private static string ModelPath(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return "models/" + string.Join('/', name.Split('/').Select(Route.Segment)).Replace("%3A", ":", StringComparison.Ordinal);
    }

    /// <summary>
    /// Uploads. A lost answer may leave a second upload of the same bytes. They are stored once, cost nothing and expire after a week.
    /// </summary>
    private Task<Upload> UploadAsync(Func<HttpContent> body, CancellationToken cancellationToken)
    {
        var call = Post("uploads") with
        {
            ExtraTime = UploadTime,
            Body = () =>
            {
                var content = body();
                content.Headers.ContentType = new("application/octet-stream");
                return content;
            },
        };
        return RunAsync(call, ClientJson.Default.Upload, cancellationToken);
    }
}
