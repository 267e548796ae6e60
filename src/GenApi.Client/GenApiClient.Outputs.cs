using System.Security.Cryptography;

namespace GenApi.Client;

public sealed partial class GenApiClient
{
    private const int CopyBytes = 64 << 10;

    /// <summary>
    /// Saves an image or a file. It is written to a temporary file first and moved when it is complete, so no one ever sees a part of it.
    /// </summary>
    /// <param name="output">An output of a generation.</param>
    /// <param name="path">The path of the file. Without an extension it gets the one that fits the bytes. Missing folders are created, and
    /// an existing file is replaced. </param>
    /// <param name="cancellationToken">Cancels the call and leaves nothing behind.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="GenApiException">The bytes could not be fetched.</exception>
    /// <exception cref="IOException">The bytes could not be written.</exception>
    public Task<string> SaveAsync(GenerationOutput output, string path, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = System.IO.Path.GetFullPath(path);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(full)!);
        return _retries.RunAsync(
            Fetch(output), (reply, ended) => SaveAsync(output, full, reply, ended), _options.RetryFor, cancellationToken);
    }

    /// <summary>Saves every image and file of a generation under its id, such as <c>img_….png</c>.</summary>
    /// <param name="generation">A generation that has succeeded.</param>
    /// <param name="folder">The folder; it is created if it is missing.</param>
    /// <param name="cancellationToken">Cancels the call; files that are complete stay.</param>
    /// <returns>The paths, in the order of the output.</returns>
    /// <inheritdoc cref="SaveAsync(GenerationOutput, string, CancellationToken)" path="/exception"/>
    public async Task<IReadOnlyList<string>> SaveAllAsync(
        Generation generation, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(generation);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var paths = new List<string>();
        foreach (var output in generation.Images.Concat<GenerationOutput>(generation.Files).OrderBy(each => each.Index))
            paths.Add(await SaveAsync(output, System.IO.Path.Combine(folder, output.Id), cancellationToken).ConfigureAwait(false));
        return paths;
    }

    /// <summary>
    /// Streams the bytes of an image or a file. Once they have begun, nothing is retried: a read may throw
    /// <see cref="GenApiConnectionException"/>.
    /// </summary>
    /// <returns>The stream; dispose of it.</returns>
    /// <exception cref="GenApiException">The bytes could not be fetched.</exception>
    public async Task<Stream> OpenAsync(GenerationOutput output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        return await _retries.OpenAsync(Fetch(output), _options.RetryFor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes one image or file. Its generation stays without it and answers no further request from the store.</summary>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: it does not exist. 403, 409: other keys have it as well.</exception>
    public Task DeleteAsync(GenerationOutput output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        return RemoveAsync(output.Path, cancellationToken);
    }

    /// <summary>
    /// Ends all lasting links: those without an expiry, which the doors for other APIs answer. Images stay, and later answers contain new
    /// links. The key needs the right <c>admin</c>.
    /// </summary>
    /// <exception cref="GenApiProblemException">403 <c>forbidden</c>: the key does not have the right <c>admin</c>. 503, 507: the new
    /// secret could not be stored.</exception>
    public Task RotateLinksAsync(CancellationToken cancellationToken = default) => _retries.RunAsync(
        Post("links/rotate"), static (_, _) => Task.FromResult(true), _options.RetryFor, cancellationToken);

    /// <summary>
    /// Fetches by id and with the key, not by the link: a link may have expired or name a host that is unreachable from here.
    /// </summary>
    private static ApiCall Fetch(GenerationOutput output) => new(HttpMethod.Get, output.Path) { Accept = "*/*" };

    private static async Task<string> SaveAsync(GenerationOutput output, string path, ApiReply reply, CancellationToken cancellationToken)
    {
        if (!System.IO.Path.HasExtension(path))
            path += reply.Extension;
        var part = $"{path}.{System.IO.Path.GetRandomFileName()}.part";
        try
        {
            using (var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256))
            {
                var file = new FileStream(part, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
                await using (file.ConfigureAwait(false))
                {
                    var buffer = new byte[CopyBytes];
                    while (await reply.Body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
                    {
                        hash.AppendData(buffer, 0, count);
                        await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                    }
                    file.Flush(flushToDisk: true);
                }
                // Without an announced length, a cut looks like an end.
                if (output.Sha256.Length > 0
                    && !output.Sha256.Equals(Convert.ToHexStringLower(hash.GetHashAndReset()), StringComparison.OrdinalIgnoreCase))
                    throw new GenApiConnectionException($"The bytes of {output.Id} came damaged or cut.", null);
            }
            File.Move(part, path, overwrite: true);
            return path;
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }
}
