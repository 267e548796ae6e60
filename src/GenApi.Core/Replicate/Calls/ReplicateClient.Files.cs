using GenApi.Core.Errors;
using Refit;

namespace GenApi.Core.Replicate.Calls;

public sealed partial class ReplicateClient
{
    /// <summary>Enough for 20 MiB over a line of 1.5 Mbit/s.</summary>
    internal static readonly TimeSpan SendFileTimeout = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Sends a file for use as an input (the Files API). It costs nothing, so it may be sent again after a failure.
    /// </summary>
    /// <param name="content">The file. It is read to its end and disposed.</param>
    /// <param name="name">At most 255 bytes of UTF-8.</param>
    /// <param name="contentType">A media type.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="GenApiException"><see cref="ErrorKind.InvalidInput"/>: larger than the upstream accepts (100 MB).</exception>
    public async Task<ReplicateFile> SendFileAsync(Stream content, string name, string contentType, CancellationToken cancellationToken)
    {
        await using (content)
        {
            var length = content.Length;
            var file = await CallAsync(
                ReplicateLeg.SendFile,
                token => _api.Value.CreateFileAsync(new StreamPart(content, name, contentType), token),
                answer => answer.ToFile(),
                cancellationToken);
            // A run with half a file would cost as much as one with the whole.
            return file.Bytes is null || file.Bytes == length ? file : throw ReplicateFaults.Unreadable(ReplicateLeg.SendFile, null);
        }
    }

    /// <exception cref="GenApiException">
    /// <see cref="ErrorKind.NotFound"/>: it has expired, was deleted, or belongs to another account.
    /// </exception>
    public Task<ReplicateFile> GetFileAsync(string id, CancellationToken cancellationToken) =>
        CallAsync(ReplicateLeg.File, token => _api.Value.GetFileAsync(id, token), answer => answer.ToFile(), cancellationToken);

    /// <inheritdoc cref="GetFileAsync"/>
    public Task DeleteFileAsync(string id, CancellationToken cancellationToken) =>
        CallAsync(ReplicateLeg.File, token => _api.Value.DeleteFileAsync(id, token), answer => answer, cancellationToken);
}
