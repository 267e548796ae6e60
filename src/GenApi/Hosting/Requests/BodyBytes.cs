using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;

namespace GenApi.Hosting.Requests;

/// <summary>
/// Reads a whole body into one array of its own, because JSON elements point into it for as long as somebody uses them. Nothing is copied
/// twice: what has arrived
/// leaves Kestrel's buffers at once.
/// </summary>
internal static class BodyBytes
{
    /// <summary>As much as this must have come before the length that a caller announces is believed.</summary>
    private const int First = 64 << 10;

    private const int Growth = 4;

    /// <param name="request">Whose body it is. Kestrel holds its length to the limit of the route.</param>
    /// <param name="most">That limit, in bytes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BadHttpRequestException">The body is too large, or broke off.</exception>
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
                // Nearly every body comes at once.
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

    /// <summary>
    /// A length of a chunk that no number holds comes as a plain I/O error out of Kestrel, and not as the bad request that it is.
    /// </summary>
    private static async ValueTask<ReadResult> NextAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadAsync(cancellationToken);
        }
        catch (IOException broken) when (broken is not (BadHttpRequestException or ConnectionResetException))
        {
            throw new BadHttpRequestException("The body is cut into pieces in a way that can't be read.", broken);
        }
    }
}
