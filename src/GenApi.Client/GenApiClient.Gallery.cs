namespace GenApi.Client;

public sealed partial class GenApiClient
{
    /// <summary>Lists all images that the key can see, newest first, one page at a time.</summary>
    /// <param name="query">Null: all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public IAsyncEnumerable<ListedImage> ListImagesAsync(ImageQuery? query = null, CancellationToken cancellationToken = default) =>
        PagesAsync((query ?? new()).Path, ClientJson.Default.PageListedImage, cancellationToken);

    /// <summary>Tags an image. Only this key sees the tag. Case, spaces around it and Unicode composition do not matter.</summary>
    /// <param name="id"><c>img_…</c>.</param>
    /// <param name="tag">1 to 64 characters.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: the image does not exist, or this key has no access to it.
    /// 409 <c>conflict</c>: the image or the key has as many tags as it can have. </exception>
    public Task TagAsync(string id, string tag, CancellationToken cancellationToken = default) =>
        ChangeTagAsync(HttpMethod.Put, id, tag, cancellationToken);

    /// <summary>Removes a tag from an image, if it has it.</summary>
    /// <inheritdoc cref="TagAsync" path="/param"/>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: the image does not exist, or this key has no access to it.
    /// </exception>
    public Task UntagAsync(string id, string tag, CancellationToken cancellationToken = default) =>
        ChangeTagAsync(HttpMethod.Delete, id, tag, cancellationToken);

    /// <summary>Lists the key's tags of one image, in alphabetical order.</summary>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: the image does not exist, or this key has no access to it.
    /// </exception>
    public Task<IReadOnlyList<string>> ListTagsAsync(string id, CancellationToken cancellationToken = default) =>
        TagsAsync($"{Route.Image(id)}/tags", cancellationToken);

    /// <summary>Lists all tags of the key, in alphabetical order.</summary>
    public Task<IReadOnlyList<string>> ListTagsAsync(CancellationToken cancellationToken = default) =>
        TagsAsync("images/tags", cancellationToken);

    private async Task<IReadOnlyList<string>> TagsAsync(string path, CancellationToken cancellationToken) =>
        (await RunAsync(new ApiCall(HttpMethod.Get, path), ClientJson.Default.ImageTags, cancellationToken).ConfigureAwait(false)).Tags;

    private Task<bool> ChangeTagAsync(HttpMethod method, string id, string tag, CancellationToken cancellationToken) => _retries.RunAsync(
        new ApiCall(method, $"{Route.Image(id)}/tags/{Route.Segment(tag)}"), static (_, _) => Task.FromResult(true), _options.RetryFor,
        cancellationToken);
}
