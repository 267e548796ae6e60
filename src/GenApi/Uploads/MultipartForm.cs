using GenApi.Core.Errors;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace GenApi.Uploads;

/// <summary>Opens and reads <c>multipart/form-data</c> part by part. What can't be read is the caller's mistake.</summary>
internal static class MultipartForm
{
    /// <summary>RFC 2046 allows 70 characters.</summary>
    private const int LongestBoundary = 70;

    /// <returns>Null if the body is no form.</returns>
    /// <exception cref="GenApiException">InvalidRequest: it names no boundary.</exception>
    public static MultipartReader? Open(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase))
            return null;
        var boundary = HeaderUtilities.RemoveQuotes(type.Boundary).ToString();
        return boundary.Length is > 0 and <= LongestBoundary
            ? new MultipartReader(boundary, request.Body)
            : throw Invalid($"Content-Type: multipart/form-data must name a boundary of 1 to {LongestBoundary} characters.");
    }

    /// <exception cref="GenApiException">UnsupportedMediaType: the body has an encoding.</exception>
    public static void RequirePlain(HttpRequest request)
    {
        if (request.Headers.ContentEncoding is { Count: > 0 } encoding
            && !encoding.ToString().Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            throw new GenApiException(
                ErrorKind.UnsupportedMediaType, $"The body is encoded as '{encoding}'; send it without an encoding.");
        }
    }

    /// <summary>Reads on to the next part; null at the end.</summary>
    /// <exception cref="GenApiException">InvalidRequest: it is no form, or it ends early.</exception>
    /// <exception cref="BadHttpRequestException">The body is too large or incomplete.</exception>
    public static async Task<MultipartSection?> NextAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadNextSectionAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is IOException and not BadHttpRequestException or InvalidDataException)
        {
            throw Invalid("The form can't be read: it is incomplete, or not multipart/form-data.", failure);
        }
    }

    private static GenApiException Invalid(string sentence, Exception? inner = null) => new(ErrorKind.InvalidRequest, sentence, inner);
}
