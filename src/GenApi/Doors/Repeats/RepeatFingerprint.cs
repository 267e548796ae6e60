using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using GenApi.Core.Generations;

namespace GenApi.Doors.Repeats;

/// <summary>Computes by what a repeat of a request is recognised: its account, its path and its body.</summary>
internal static class RepeatFingerprint
{
    /// <summary>The count of its repeats that clients made by Stainless send: OpenAI's for JavaScript and Python, among others.</summary>
    private const string RetryCount = "X-Stainless-Retry-Count";

    /// <summary>Computes the fingerprint of a body that clients repeat byte for byte, such as JSON.</summary>
    /// <param name="account">The account of the caller.</param>
    /// <param name="path">The path, and whatever else of the request changes its meaning.</param>
    /// <param name="body">The bytes as they came.</param>
    public static Guid Of(Guid account, string path, ReadOnlySpan<byte> body) => RepeatKey.Of(account, path, body);

    /// <summary>Returns whether the client says that it repeats a request.</summary>
    public static bool IsMarked(HttpRequest request) =>
        request.Headers[RetryCount] is [{ Length: > 0 } count] && count.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0
        && count.AsSpan().TrimStart('0').Length > 0;
}

/// <summary>
/// Computes the fingerprint of a multipart body while it is read. It leaves out the boundary and the headers of the parts, because clients
/// choose another boundary for each repeat.
/// </summary>
internal sealed class IncrementalFingerprint : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Guid _account;
    private readonly string _path;
    private long _length;

    /// <param name="account">The account of the caller.</param>
    /// <param name="path">The path, and whatever else of the request changes its meaning.</param>
    public IncrementalFingerprint(Guid account, string path) => (_account, _path) = (account, path);

    /// <summary>Begins the next part; its bytes follow.</summary>
    /// <param name="name">The name of the field.</param>
    /// <param name="fileName">The name of the file; null if the part is none.</param>
    public void BeginPart(string name, string? fileName)
    {
        EndBytes();
        Append(Encoding.UTF8.GetBytes(name));
        EndBytes();
        // A file without a name differs from a part that is no file.
        if (fileName is not null)
            Append(Encoding.UTF8.GetBytes($"/{fileName}"));
        EndBytes();
    }

    /// <summary>Adds bytes of the part, in any division.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _hash.AppendData(bytes);
        _length += bytes.Length;
    }

    /// <summary>Ends the body.</summary>
    public Guid End()
    {
        EndBytes();
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(sum);
        return RepeatKey.Of(_account, _path, sum);
    }

    public void Dispose() => _hash.Dispose();

    /// <summary>Writes the length after the bytes, so that bytes can't pass for the end of one part and the beginning of another.</summary>
    private void EndBytes()
    {
        Span<byte> length = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, _length);
        _hash.AppendData(length);
        _length = 0;
    }
}
