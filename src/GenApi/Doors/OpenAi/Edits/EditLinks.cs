using System.Text;
using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Persistence;
using GenApi.Hosting;

namespace GenApi.Doors.OpenAi.Edits;

/// <summary>
/// Reads an image that is named and not sent: a data URI, a link, or an id. A link of ours is read as the id of its image, because the
/// upstream may not reach this service.
/// </summary>
internal static class EditLinks
{
    private const string Images = "/images/";

    private const int LongestLink = 8_192;

    /// <exception cref="GenApiException">InvalidRequest: it is none of these, or its bytes are no image.</exception>
    public static async Task<EditImage> ReadAsync(DoorFiles files, HttpContext context, string member, JsonElement text)
    {
        if (IsData(text))
        {
            using var bytes = new MemoryStream(DoorFiles.Decode(member, text), writable: false);
            return EditImage.Of(member, await files.StoreAsync(member, bytes, context.Caller().AccountId, context.RequestAborted));
        }
        if (!DoorFiles.IsNamed(text) || JsonCharacters.Count(text) > LongestLink)
        {
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, member,
                "must be a file, a data URI (data:image/png;base64,…), an http(s) URL, or the id of an image (img_…) or upload (upl_…).");
        }
        var link = text.GetString()!;
        var value = OwnImage(context.Request, link) is { } id ? JsonElement.Parse($"\"{id}\"") : text;
        return new(member, value, await files.FindAsync(context.Caller(), value.GetString()!, context.RequestAborted));
    }

    private static bool IsData(JsonElement text)
    {
        var plain = JsonCharacters.Plain(text);
        return plain.Length >= 5 && Ascii.EqualsIgnoreCase(plain[..5], "data:"u8);
    }

    /// <summary>Returns the id of the image that a link of this service opens; null for any other link.</summary>
    private static string? OwnImage(HttpRequest request, string link)
    {
        var start = CallerAddress.Of(request) + Images;
        const int length = 4 + PublicId.Digits;
        if (!link.StartsWith(start, StringComparison.OrdinalIgnoreCase) || link.Length < start.Length + length)
            return null;
        var id = link.Substring(start.Length, length);
        return PublicId.TryParse(PublicId.Image, id, out _) ? id : null;
    }
}
