using System.Diagnostics.CodeAnalysis;
using GenApi.Core.Errors;
using GenApi.Core.Uploads;
using GenApi.Hosting.Requests;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace GenApi.Uploads;

/// <summary>
/// Reads the one file of a request as a stream: the whole body, of any stated type, or the one part of a form. The file is never held in
/// memory.
/// </summary>
internal static class UploadBody
{
    /// <summary>The largest body in bytes: the file, and the lines around it in a form.</summary>
    public const int MostBytes = UploadsOptions.MostBytes + (64 << 10);

    /// <summary>RFC 2046 allows 70 characters.</summary>
    private const int LongestBoundary = 70;

    /// <summary>
    /// Passes the file to <paramref name="store"/>. It then checks the rest of the form, and undoes the storing if that is wrong.
    /// </summary>
    /// <exception cref="GenApiException">
    /// InvalidRequest: not exactly one file. BodyTooLarge: more than 20 MiB. UnsupportedMediaType: the body has an encoding.
    /// </exception>
    /// <exception cref="BadHttpRequestException">The body is too large or incomplete.</exception>
    public static async Task<T> ReadAsync<T>(
        HttpRequest request, Func<Stream, Task<T>> store, Func<T, Task> undo, CancellationToken cancellationToken)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding
            && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new GenApiException(
                ErrorKind.UnsupportedMediaType, $"The body is encoded as '{encoding}'; send it without an encoding.");
        }
        if (!IsForm(request, out var boundary))
            return await store(new BoundedStream(request.Body));

        var reader = new MultipartReader(boundary, request.Body);
        var file = await NextFileAsync(reader, cancellationToken)
            ?? throw Invalid("The form holds no file; send one, such as: curl -F file=@fox.png");
        var stored = await store(new BoundedStream(file.Body));
        try
        {
            if (await NextFileAsync(reader, cancellationToken) is not null)
                throw Invalid("The form holds more than one file; send one form for each.");
            return stored;
        }
        catch
        {
            await undo(stored);
            throw;
        }
    }

    private static async Task<MultipartSection?> NextFileAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        MultipartSection? section;
        try
        {
            section = await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is IOException and not BadHttpRequestException or InvalidDataException)
        {
            throw Invalid("The form can't be read: it is incomplete, or not multipart/form-data.", failure);
        }
        if (section is null)
            return null;
        if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) && disposition.IsFileDisposition())
            return section;
        var name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? "").ToString();
        throw GenApiException.ForMember(
            ErrorKind.InvalidRequest, name.Length > 0 ? MemberErrors.Shorten(name) : "form",
            "is not a file. Send a form with one file and nothing else.");
    }

    private static bool IsForm(HttpRequest request, [NotNullWhen(true)] out string? boundary)
    {
        boundary = null;
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return false;
        boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= LongestBoundary
            ? true
            : throw Invalid($"Content-Type: multipart/form-data must name a boundary of 1 to {LongestBoundary} characters.");
    }

    private static GenApiException Invalid(string sentence, Exception? inner = null) => new(ErrorKind.InvalidRequest, sentence, inner);

    /// <summary>Throws a refusal if the file is larger than an upload may be.</summary>
    private sealed class BoundedStream(Stream inner) : Stream
    {
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
                throw Invalid("The form ends within the file. Send it again.", failure);
            }
            _read += count;
            return _read <= UploadsOptions.MostBytes ? count : throw new GenApiException(
                ErrorKind.BodyTooLarge, $"An upload may have at most {ByteSize.Text(UploadsOptions.MostBytes)}.");
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
}
