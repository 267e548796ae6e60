namespace GenApi.Client;

/// <summary>
/// The body of an answer. Every failure to receive it is a <see cref="GenApiConnectionException"/>, which differs from a failure of the
/// caller's own disk.
/// </summary>
internal sealed class BodyStream(Stream inner, GenApiClientOptions options) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        using var idle = new CancellationTokenSource(options.IdleTimeout, options.TimeProvider);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, idle.Token);
        try
        {
            return await inner.ReadAsync(buffer, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GenApiConnectionException("The answer stalled.", failure);
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException)
        {
            throw new GenApiConnectionException($"The answer breaks off: {failure.Message}", failure);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Reads everything, up to a number of bytes.</summary>
    internal async Task<byte[]> BeginningAsync(int most, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (bytes.Length < most && await ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is > 0 and var count)
            bytes.Write(buffer, 0, count);
        return bytes.ToArray();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
        base.Dispose(disposing);
    }
}
