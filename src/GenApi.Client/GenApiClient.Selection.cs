namespace GenApi.Client;

public sealed partial class GenApiClient
{
    /// <summary>
    /// Deletes images and files, all of them or none. Until <see cref="DeletedOutputs.RestorableUntil"/> they can be restored.
    /// </summary>
    /// <param name="ids">1 to 500 ids, <c>img_…</c> or <c>fil_…</c>, each once.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="GenApiProblemException">
    /// 404 <c>not_found</c>, 403, 409: the problem's errors name the ids; nothing was deleted.
    /// </exception>
    public Task<DeletedOutputs> DeleteImagesAsync(IEnumerable<string> ids, CancellationToken cancellationToken = default) =>
        RunAsync(OnSelection("images/delete", ids), ClientJson.Default.DeletedOutputs, cancellationToken);

    /// <summary>
    /// Restores images and files that <see cref="DeleteImagesAsync"/> deleted, all of them or none. The call is sent once: after a lost
    /// answer, look whether they are back.
    /// </summary>
    /// <inheritdoc cref="DeleteImagesAsync" path="/param"/>
    /// <exception cref="GenApiProblemException">
    /// 404 <c>not_found</c>: the problem's errors name the ids that cannot be restored; nothing was.
    /// </exception>
    public Task RestoreImagesAsync(IEnumerable<string> ids, CancellationToken cancellationToken = default) => _retries.RunAsync(
        OnSelection("images/restore", ids), static (_, _) => Task.FromResult(true), TimeSpan.Zero, cancellationToken);

    /// <summary>
    /// Streams images and files as one zip archive, with <c>settings.json</c> that says what they were made with. Once the bytes have
    /// begun, nothing is retried: a read may throw <see cref="GenApiConnectionException"/>, and then the archive is not whole.
    /// </summary>
    /// <inheritdoc cref="DeleteImagesAsync" path="/param"/>
    /// <returns>The stream; dispose of it.</returns>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: the problem's errors name the ids.</exception>
    public async Task<Stream> ArchiveAsync(IEnumerable<string> ids, CancellationToken cancellationToken = default)
    {
        var call = OnSelection("images/archive", ids) with { Accept = "application/zip" };
        return await _retries.OpenAsync(call, _options.RetryFor, cancellationToken).ConfigureAwait(false);
    }

    private ApiCall OnSelection(string path, IEnumerable<string> ids)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Post(path, new Selection([.. ids]), ClientJson.Default.Selection, null);
    }
}
