using GenApi.Core.Errors;

namespace GenApi.Generations;

/// <summary>
/// Says for each error of a generation whether the same request can succeed later. A test compares this with the table of
/// docs/api/problems.md.
/// </summary>
internal static class RetryableErrors
{
    public static bool Includes(string code) => ErrorCodes.Find(code) is { } kind && Includes(kind);

    public static bool Includes(ErrorKind kind) => kind switch
    {
        // There is no output, or it is not stored: the next run is a new one.
        ErrorKind.UpstreamUnavailable or ErrorKind.UpstreamRateLimited or ErrorKind.UpstreamTimeout => true,
        ErrorKind.UpstreamBadAnswer or ErrorKind.UpstreamFailed => true,
        ErrorKind.DownloadFailed or ErrorKind.StorageFull or ErrorKind.StorageUnavailable => true,
        // The same input gives the same output for the same money. Other errors need a change first.
        _ => false,
    };
}
