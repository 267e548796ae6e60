using System.Collections.Frozen;
using System.Text.Json;
using GenApi.Core.Errors;
using Microsoft.AspNetCore.WebUtilities;

namespace GenApi.Hosting.Problems;

/// <summary>
/// Maps each kind of failure to its HTTP status and title, in the order of the contract's table. Nothing else in the service does.
/// </summary>
internal static class ProblemTable
{
    private static readonly FrozenDictionary<ErrorKind, (int Status, string Title)> Rows = new Dictionary<ErrorKind, (int, string)>
    {
        [ErrorKind.MalformedJson] = (400, "The body is not JSON"),
        [ErrorKind.InvalidRequest] = (400, "The request is not valid"),
        [ErrorKind.Unauthenticated] = (401, "An API key is needed"),
        [ErrorKind.BudgetExhausted] = (402, "The budget is exhausted"),
        [ErrorKind.UnpricedModel] = (402, "No price is known for the model"),
        [ErrorKind.Forbidden] = (403, "Not allowed"),
        [ErrorKind.NotFound] = (404, "Not found"),
        [ErrorKind.UnknownModel] = (404, "Unknown model"),
        [ErrorKind.Conflict] = (409, "The current state does not allow it"),
        [ErrorKind.BodyTooLarge] = (413, "The body is too large"),
        [ErrorKind.UnsupportedMediaType] = (415, "The type of the body is not supported"),
        [ErrorKind.InvalidInput] = (422, "The model does not take this input"),
        [ErrorKind.ContentRefused] = (422, "The model refused the content"),
        [ErrorKind.IdempotencyMismatch] = (422, "The idempotency key was used with another body"),
        [ErrorKind.ImageNotConvertible] = (422, "The image can't be converted"),
        [ErrorKind.RateLimited] = (429, "Too many requests"),
        [ErrorKind.UpstreamFailed] = (502, "The generation failed"),
        [ErrorKind.UpstreamBadAnswer] = (502, "The upstream's answer can't be read"),
        [ErrorKind.UpstreamNoOutput] = (502, "The generation returned nothing"),
        [ErrorKind.DownloadFailed] = (502, "An image or file could not be fetched"),
        [ErrorKind.UnusableOutput] = (502, "An image or file can't be kept"),
        [ErrorKind.UpstreamUnavailable] = (503, "The upstream is not available"),
        [ErrorKind.UpstreamUnauthorized] = (503, "The upstream refuses our token"),
        [ErrorKind.UpstreamOutOfCredit] = (503, "The upstream account has no credit"),
        [ErrorKind.UpstreamRateLimited] = (503, "The upstream asks to slow down"),
        [ErrorKind.Overloaded] = (503, "The service is overloaded"),
        [ErrorKind.StorageUnavailable] = (503, "The storage is not available"),
        [ErrorKind.NotCached] = (504, "Nothing stored answers this request"),
        [ErrorKind.UpstreamTimeout] = (504, "The generation took too long"),
        [ErrorKind.StorageFull] = (507, "There is no room for the image"),
        [ErrorKind.BlobMissing] = (500, "The bytes of the image are missing"),
    }.ToFrozenDictionary();

    public static int StatusOf(ErrorKind kind) => Rows[kind].Status;

    public static string TitleOf(ErrorKind kind) => Rows[kind].Title;

    /// <summary>
    /// Returns code and title for a status that routing or the server set without an exception: ours if one fits, otherwise the reason
    /// phrase.
    /// </summary>
    public static (string Code, string Title) Bare(int status) => status switch
    {
        400 => Of(ErrorKind.InvalidRequest),
        401 => Of(ErrorKind.Unauthenticated),
        403 => Of(ErrorKind.Forbidden),
        404 => Of(ErrorKind.NotFound),
        413 => Of(ErrorKind.BodyTooLarge),
        415 => Of(ErrorKind.UnsupportedMediaType),
        429 => Of(ErrorKind.RateLimited),
        500 => ("internal_error", "Something went wrong inside the service"),
        _ when ReasonPhrases.GetReasonPhrase(status) is { Length: > 0 } reason =>
            (JsonNamingPolicy.SnakeCaseLower.ConvertName(reason.Replace(" ", "", StringComparison.Ordinal)), reason),
        _ => ($"http_{status}", "The request failed"),
    };

    private static (string, string) Of(ErrorKind kind) => (ErrorCodes.Of(kind), TitleOf(kind));
}
