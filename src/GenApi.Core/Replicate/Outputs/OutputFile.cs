namespace GenApi.Core.Replicate.Outputs;

/// <summary>An output that is being downloaded. Dispose it to release its connection.</summary>
/// <param name="content">
/// The body, not seekable and read asynchronously; <see cref="OutputDownloader.OpenAsync"/> lists what it throws.
/// </param>
/// <param name="contentType">The type that the sender claims, without proof.</param>
/// <param name="length">The length in bytes; null where the sender does not state it.</param>
/// <param name="isWhole">
/// Whether the transfer marks its end (a length, chunks or frames), so that a cut is an error.
/// </param>
public sealed class OutputFile(Stream content, string? contentType, long? length, bool isWhole = true) : IAsyncDisposable
{
    public Stream Content { get; } = content;

    public string? ContentType { get; } = contentType;

    public long? Length { get; } = length;

    public bool IsWhole { get; } = isWhole;

    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
