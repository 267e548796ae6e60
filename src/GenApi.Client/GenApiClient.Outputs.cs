using System.Security.Cryptography;

namespace GenApi.Client;

public sealed partial class GenApiClient
{
    private const int CopyBytes = 64 << 10;

    /// <summary>
    /// Saves an image or a file. It is written beside its place and moved there when it is whole, so nobody ever sees a part of it.
    /// </summary>
    /// <param name="output">Of a generation.</param>
    /// <param name="path">
    /// Where to. Without an extension it gets the one that fits the bytes. Missing folders are made, and a file that is there is replaced.
    /// </param>
    /// <param name="cancellationToken">Ends it, and leaves nothing behind.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="GenApiException">The bytes could not be fetched.</exception>
    /// <exception cref="IOException">They could not be written.</exception>
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
    /// <param name="generation">One that has succeeded.</param>
    /// <param name="folder">Made when it is missing.</param>
    /// <param name="cancellationToken">Ends it; what is whole by then stays.</param>
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
    /// The bytes of an image or a file as they come. Once they have begun, nothing is tried again: a read may throw
    /// <see cref="GenApiConnectionException"/>.
    /// </summary>
    /// <returns>To be disposed of.</returns>
    /// <exception cref="GenApiException">They could not be fetched.</exception>
    public async Task<Stream> OpenAsync(GenerationOutput output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        return await _retries.OpenAsync(Fetch(output), _options.RetryFor, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Deletes one image or file. Its generation stays, without it, and answers no further request.</summary>
    /// <exception cref="GenApiProblemException">404 <c>not_found</c>: it is not there. 403, 409: other keys have it, too.</exception>
    public Task DeleteAsync(GenerationOutput output, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(output);
        return RemoveAsync(output.Path, cancellationToken);
    }

    /// <summary>By id and with the key, and not by the link: that may have expired, or name a host that only others reach.</summary>
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
                // Where no length was announced, a cut looks like an end.
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
