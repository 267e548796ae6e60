using System.Net;
using GenApi.Core.Errors;

namespace GenApi.Core.Replicate.Outputs;

/// <summary>Describes failed downloads, and whether the same address may work later.</summary>
internal static class OutputFaults
{
    public static GenApiException TooLarge(long maxBytes) =>
        new(ErrorKind.UnusableOutput, $"The output is larger than the {ByteSize.Text(maxBytes)} allowed (Replicate:MaxOutputBytes).");

    public static GenApiException HostRefused(Uri uri) =>
        new(ErrorKind.UnusableOutput, $"The output is at {uri.Scheme}://{uri.Authority}, which Replicate:DeliveryHosts does not allow.");

    public static GenApiException NotAnAddress() => new(ErrorKind.UnusableOutput, "The output is not an address that can be downloaded.");

    public static GenApiException TooManyRedirects() => new(ErrorKind.UnusableOutput, "The output's address redirects too often.");

    public static GenApiException Encoded() =>
        new(ErrorKind.UnusableOutput, "The output arrived compressed, which GenApi did not ask for.");

    public static GenApiException Status(HttpStatusCode status, TimeSpan? retryAfter) => (int)status switch
    {
        404 or 410 => new(ErrorKind.DownloadFailed, "The upstream no longer has the output."),
        408 or 429 or >= 500 => new(ErrorKind.DownloadFailed, $"The output could not be downloaded (status {(int)status}).")
        {
            IsTransient = true,
            RetryAfter = retryAfter,
        },
        _ => new(ErrorKind.DownloadFailed, $"The output could not be downloaded (status {(int)status})."),
    };

    public static GenApiException Stalled(Exception? cause) =>
        new(ErrorKind.DownloadFailed, "The output did not arrive in time.", cause) { IsTransient = true };

    public static GenApiException Broken(Exception? cause) =>
        new(ErrorKind.DownloadFailed, "The output did not arrive whole.", cause) { IsTransient = true };
}
