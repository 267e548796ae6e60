using System.Buffers;
using System.Globalization;
using System.IO.Hashing;
using GenApi.Accounts;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Service;
using GenApi.Core.Images;
using GenApi.Images;

namespace GenApi.Gallery.Selection;

/// <summary>
/// Streams images and files as one zip archive. Everything is checked before the first byte. A fault after it aborts the connection,
/// so a complete answer is always a whole archive.
/// </summary>
internal sealed partial class ArchiveEndpoint(OutputSelection selection, TimeProvider time, ILogger<ArchiveEndpoint> logger)
{
    private const int PieceLength = 64 << 10;

    public async Task PostAsync(HttpContext context)
    {
        var named = await SelectionRequestReader.ReadAsync(context.Request, context.RequestAborted);
        var found = await selection.FindAsync(named, context.Caller(), context.RequestAborted);
        var names = new ArchiveNames();
        var outputs = found.Select(output => (Output: output, Name: names.Next(output))).ToList();
        var settings = new ArchiveSettings(selection, outputs);
        var measured = await settings.MeasureAsync(context.RequestAborted);
        var now = time.GetUtcNow();
        var zip = new StoredZip();
        var first = zip.Add(ArchiveNames.Settings, measured.Length, now);
        first.Crc32 = measured.Crc32;
        var entries = outputs.ConvertAll(each => (each.Output, Entry: zip.Add(each.Name, each.Output.Bytes, each.Output.CreatedAt)));

        WriteHeaders(context.Response, zip.Length, now);
        // A revoked key ends the archive, as it ends an event stream.
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, context.Caller().Ended);
        try
        {
            await context.Response.StartAsync(ended.Token);
            var writer = context.Response.BodyWriter;
            StoredZip.WriteHeader(writer, first);
            await settings.WriteAsync(writer, ended.Token);
            foreach (var (output, entry) in entries)
                await WriteAsync(context, output, entry, ended.Token);
            zip.WriteDirectory(writer);
            await writer.FlushAsync(ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (GenApiException fault)
        {
            Log.BrokeOff(logger, fault.Code, fault.Message, fault.InnerException);
            context.Abort();
        }
    }

    private static void WriteHeaders(HttpResponse response, long length, DateTimeOffset now)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = SelectionDocs.ZipType;
        response.ContentLength = length;
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentDisposition =
            string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"images-{now:yyyyMMdd-HHmmss}.zip\"");
    }

    private async Task WriteAsync(HttpContext context, StoredImage output, StoredZip.Entry entry, CancellationToken cancellationToken)
    {
        using var content = await selection.OpenAsync(output, cancellationToken);
        entry.Crc32 = await ChecksumAsync(content, cancellationToken);
        StoredZip.WriteHeader(context.Response.BodyWriter, entry);
        await ImageBody.WriteAsync(context, content, new ByteRange(0, content.Length));
        // Bytes that could not be read have aborted the connection; there is nobody left to write to.
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Reads all bytes before they are sent, because the checksum comes first. The second time, they are cached.</summary>
    private static async Task<uint> ChecksumAsync(BlobContent content, CancellationToken cancellationToken)
    {
        if (content.TryGetMemory(out var bytes))
            return Crc32.HashToUInt32(bytes.Span);
        var crc = new Crc32();
        var buffer = ArrayPool<byte>.Shared.Rent(PieceLength);
        try
        {
            for (var at = 0L; at < content.Length;)
            {
                var read = await content.ReadAsync(buffer.AsMemory(0, PieceLength), at, cancellationToken);
                if (read == 0)
                    throw new GenApiException(ErrorKind.BlobMissing, "The bytes of an image end early.");
                crc.Append(buffer.AsSpan(0, read));
                at += read;
            }
            return crc.GetCurrentHashAsUInt32();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An archive broke off: {Code}: {Detail}")]
        public static partial void BrokeOff(ILogger logger, string code, string detail, Exception? cause);
    }
}
