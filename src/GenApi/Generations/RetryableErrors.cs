using GenApi.Core.Errors;

namespace GenApi.Generations;

/// <summary>
/// Whether the same request can end differently, for each reason for which a generation fails. A test compares this with the table of
/// docs/api/problems.md.
/// </summary>
internal static class RetryableErrors
{
    public static bool Includes(string code) => ErrorCodes.Find(code) is { } kind && Includes(kind);

    public static bool Includes(ErrorKind kind) => kind switch
    {
        // Nothing was made, or what was made is not here: the next run is another one.
        ErrorKind.UpstreamUnavailable or ErrorKind.UpstreamRateLimited or ErrorKind.UpstreamTimeout or ErrorKind.UpstreamBadAnswer or ErrorKind.UpstreamFailed => true,
        ErrorKind.DownloadFailed or ErrorKind.StorageFull or ErrorKind.StorageUnavailable => true,
        // The same input makes the same output, for the same money. The others need somebody to change something first.
        _ => false,
    };
}
