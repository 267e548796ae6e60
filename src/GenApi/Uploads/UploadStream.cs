using GenApi.Core.Errors;
using GenApi.Core.Uploads;

namespace GenApi.Uploads;

/// <summary>Reads a file of a request, and throws a refusal if it is larger than it may be.</summary>
/// <param name="inner">The bytes as they arrive.</param>
/// <param name="most">The largest number of bytes.</param>
/// <param name="refusal">The sentence that refuses more.</param>
internal sealed class UploadStream(Stream inner, long most, string refusal) : Stream
{
    private static readonly string TooLarge = $"An upload may have at most {ByteSize.Text(UploadsOptions.MostBytes)}.";

    /// <summary>Reads an upload.</summary>
    public UploadStream(Stream inner) : this(inner, UploadsOptions.MostBytes, TooLarge)
    {
    }

    private long _read;

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
        int count;
        try
        {
            count = await inner.ReadAsync(buffer, cancellationToken);
        }
        catch (Exception failure) when (failure is IOException and not BadHttpRequestException or InvalidDataException)
        {
            throw new GenApiException(ErrorKind.InvalidRequest, "The form ends within the file. Send it again.", failure);
        }
        _read += count;
        return _read <= most ? count : throw new GenApiException(ErrorKind.BodyTooLarge, refusal);
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
}
