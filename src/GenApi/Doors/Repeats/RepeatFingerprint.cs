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
