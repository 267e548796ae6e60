namespace GenApi.Core.Replicate.Outputs;

/// <summary>An output on its way to us. Dispose of it to let go of its connection.</summary>
/// <param name="content">Not seekable, read asynchronously; see <see cref="OutputDownloader.OpenAsync"/> for what it throws.</param>
/// <param name="contentType">As the sender says it, which is a claim and no proof.</param>
/// <param name="length">In bytes, where it was told.</param>
/// <param name="isWhole">Whether the end of the bytes shows by itself, so that a cut is an error: by a length, in chunks or in frames.</param>
public sealed class OutputFile(Stream content, string? contentType, long? length, bool isWhole = true) : IAsyncDisposable
{
    public Stream Content { get; } = content;

    public string? ContentType { get; } = contentType;

    public long? Length { get; } = length;

    public bool IsWhole { get; } = isWhole;

    public ValueTask DisposeAsync() => Content.DisposeAsync();
}
