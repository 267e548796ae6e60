using GenApi.Core.Errors;
using GenApi.Core.Uploads;
using GenApi.Hosting.Requests;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace GenApi.Uploads;

/// <summary>
/// Reads the one file of a request as a stream: the whole body, of any stated type, or the one part of a form. The file is never held in
/// memory.
/// </summary>
internal static class UploadBody
{
    /// <summary>The largest body in bytes: the file, and the lines around it in a form.</summary>
    public const int MostBytes = UploadsOptions.MostBytes + (64 << 10);

    /// <summary>
    /// Passes the file to <paramref name="store"/>. It then checks the rest of the form, and undoes the storing if that is wrong.
    /// </summary>
    /// <exception cref="GenApiException">
    /// InvalidRequest: not exactly one file. BodyTooLarge: more than 20 MiB. UnsupportedMediaType: the body has an encoding.
    /// </exception>
    /// <exception cref="BadHttpRequestException">The body is too large or incomplete.</exception>
    public static async Task<T> ReadAsync<T>(
        HttpRequest request, Func<Stream, Task<T>> store, Func<T, Task> undo, CancellationToken cancellationToken)
    {
        MultipartForm.RequirePlain(request);
        if (MultipartForm.Open(request) is not { } reader)
            return await store(new UploadStream(request.Body));

        var file = await NextFileAsync(reader, cancellationToken)
            ?? throw Invalid("The form holds no file; send one, such as: curl -F file=@fox.png");
        var stored = await store(new UploadStream(file.Body));
        try
        {
            if (await NextFileAsync(reader, cancellationToken) is not null)
                throw Invalid("The form holds more than one file; send one form for each.");
            return stored;
        }
        catch
        {
            await undo(stored);
            throw;
        }
    }

    private static async Task<MultipartSection?> NextFileAsync(MultipartReader reader, CancellationToken cancellationToken)
    {
        var section = await MultipartForm.NextAsync(reader, cancellationToken);
        if (section is null)
            return null;
        if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition) && disposition.IsFileDisposition())
            return section;
        var name = HeaderUtilities.RemoveQuotes(disposition?.Name ?? "").ToString();
        throw GenApiException.ForMember(
            ErrorKind.InvalidRequest, name.Length > 0 ? MemberErrors.Shorten(name) : "form",
            "is not a file. Send a form with one file and nothing else.");
    }

    private static GenApiException Invalid(string sentence) => new(ErrorKind.InvalidRequest, sentence);
}
