namespace GenApi.Core.Blobs;

/// <summary>Bytes that are in memory only, such as a copy made for one request.</summary>
internal sealed class MemoryContent(ReadOnlyMemory<byte> content) : BlobContent
{
    public override long Length => content.Length;

    public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        bytes = content;
        return true;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        var rest = content[(int)Math.Min(offset, content.Length)..];
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer);
        return ValueTask.FromResult(count);
    }

    public override void Dispose()
    {
        // The bytes belong to the caller.
    }
}
