namespace GenApi.Core.Blobs;

internal sealed class HotContent(HotBlobs.Entry entry) : BlobContent
{
    private int _disposed;

    public override long Length => entry.Bytes.Length;

    public override bool TryGetMemory(out ReadOnlyMemory<byte> bytes)
    {
        bytes = entry.Bytes;
        return true;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellationToken)
    {
        var rest = entry.Bytes.AsSpan((int)Math.Min(offset, entry.Bytes.Length));
        var count = Math.Min(rest.Length, buffer.Length);
        rest[..count].CopyTo(buffer.Span);
        return ValueTask.FromResult(count);
    }

    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
            entry.Dispose();
    }
}
