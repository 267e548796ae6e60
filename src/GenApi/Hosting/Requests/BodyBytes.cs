using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace GenApi.Hosting.Requests;

/// <summary>
/// Reads a whole body into its own array, because JSON elements point into it while they are in use. Nothing is copied twice: bytes leave
/// Kestrel's buffers as soon as they arrive.
/// </summary>
internal static class BodyBytes
{
    /// <summary>The number of bytes that must arrive before the announced length is trusted.</summary>
    private const int First = 64 << 10;

    private const int Growth = 4;

    /// <param name="request">The request. Kestrel enforces the route's limit on its body.</param>
    /// <param name="most">That limit, in bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BadHttpRequestException">The body is too large or incomplete.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> ReadAsync(HttpRequest request, int most, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        byte[]? bytes = null;
        var count = 0;
        while (true)
        {
            var result = await NextAsync(reader, cancellationToken);
            var arrived = result.Buffer;
            if (result.IsCompleted && bytes is null)
            {
                // Nearly every body arrives at once.
                var all = arrived.ToArray();
                reader.AdvanceTo(arrived.End);
                return all;
            }
            var needed = count + (int)arrived.Length;
            if (bytes is null || needed > bytes.Length)
            {
                var capacity = Capacity(bytes?.Length ?? 0, request.ContentLength, most);
                var larger = GC.AllocateUninitializedArray<byte>(Math.Max(needed, capacity));
                bytes.AsSpan(0, count).CopyTo(larger);
                bytes = larger;
            }
            arrived.CopyTo(bytes.AsSpan(count));
            count = needed;
            reader.AdvanceTo(arrived.End);
            if (result.IsCompleted)
                return bytes.AsMemory(0, count);
        }
    }

    private static int Capacity(int before, long? announced, int most)
    {
        var next = before < First ? First : announced ?? (long)before * Growth;
        return (int)Math.Min(next, announced is { } length && length < most ? length : most);
    }

    /// <summary>Reads on. Kestrel reports an oversized chunk length as a plain I/O error, although it is a bad request.</summary>
    private static async ValueTask<ReadResult> NextAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (IOException broken) when (broken is not (BadHttpRequestException or ConnectionResetException))
        {
            throw new BadHttpRequestException("The chunks of the body can't be read.", broken);
        }
    }
}
