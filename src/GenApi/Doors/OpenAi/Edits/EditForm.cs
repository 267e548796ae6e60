using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Uploads;
using GenApi.Hosting.Requests;
using GenApi.Uploads;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace GenApi.Doors.OpenAi.Edits;

/// <summary>
/// Reads an edit that came as a form. Files go to the disk while they arrive. An image may be called <c>image</c>, <c>image[]</c> or
/// <c>image[0]</c>, once or repeatedly: clients have all of these.
/// </summary>
internal sealed partial class EditForm(DoorFiles files)
{
    /// <summary>The largest form in bytes, for all of its images together.</summary>
    public const int MostBytes = 100 << 20;

    /// <summary>The most bytes of all names and texts together, images aside: as in a JSON body, they are kept until the answer.</summary>
    public const int MostText = BodyBounds.MostText;

    private const int MostTexts = 200, LongestText = 512 << 10, LongestName = 128;

    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <exception cref="GenApiException">
    /// InvalidRequest, naming the part. BodyTooLarge: an image has more bytes than an upload may have. Or the storage can't take it.
    /// </exception>
    /// <exception cref="BadHttpRequestException">The body is too large or incomplete.</exception>
    public async Task<EditParts> ReadAsync(HttpContext context, MultipartReader reader)
    {
        MultipartForm.RequirePlain(context.Request);
        var texts = new Dictionary<string, string>();
        var images = new List<EditImage>();
        EditImage? mask = null;
        var left = MostText;
        while (await MultipartForm.NextAsync(reader, context.RequestAborted) is { } section)
        {
            var (name, isFile) = NameOf(section);
            if (name == EditParts.MaskName)
                mask = mask is null ? await ImageAsync(context, name, section, isFile) : throw Wrong(name, "is given more than once.");
            else if (SourceName().IsMatch(name))
            {
                if (images.Count == EditParts.MostImages)
                    throw Wrong(name, $"a request has at most {EditParts.MostImages} images.");
                if (await ImageAsync(context, name, section, isFile) is { } image)
                    images.Add(image);
            }
            else if (isFile)
                throw Wrong(MemberErrors.Shorten(name), "is a file that this route does not take. Files are 'image' and 'mask'.");
            else
                left -= await AddTextAsync(texts, left, name, section, context.RequestAborted);
        }
        return new EditParts
        {
            Members =
            [
                .. texts.Select(text => KeyValuePair.Create(
                    text.Key, JsonSerializer.SerializeToElement(text.Value, OpenAiJsonContext.Default.String))),
            ],
            AreTexts = true,
            Images = images,
            Mask = mask,
            Identity = IdentityOf(texts, images, mask),
        };
    }

    private static (string Name, bool IsFile) NameOf(MultipartSection section)
    {
        if (!ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition))
            throw Wrong("form", "a part has no Content-Disposition. Send multipart/form-data.");
        var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
        return name.Length is > 0 and <= LongestName
            ? (name, disposition.IsFileDisposition())
            : throw Wrong("form", $"a part must have a name of 1 to {LongestName} characters.");
    }

    /// <returns>Null for a text that is blank.</returns>
    private async Task<EditImage?> ImageAsync(HttpContext context, string name, MultipartSection section, bool isFile)
    {
        var owner = context.Caller().AccountId;
        if (isFile)
        {
            try
            {
                return EditImage.Of(name, await files.StoreAsync(name, new UploadStream(section.Body), owner, context.RequestAborted));
            }
            catch (GenApiException large) when (large.Kind == ErrorKind.BodyTooLarge)
            {
                throw GenApiException.ForMember(
                    ErrorKind.BodyTooLarge, name, $"an image may have at most {ByteSize.Text(UploadsOptions.MostBytes)}.");
            }
        }
        var text = await TextAsync(name, section, context.RequestAborted);
        if (string.IsNullOrWhiteSpace(text))
            return null;
        var value = JsonSerializer.SerializeToElement(text.Trim(), OpenAiJsonContext.Default.String);
        return await EditLinks.ReadAsync(files, context, name, value);
    }

    /// <param name="texts">The texts so far.</param>
    /// <param name="left">The bytes that further names and texts may have.</param>
    /// <param name="name">The name of the field.</param>
    /// <param name="section">The part with the text.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <returns>The bytes of the added name and text; 0 if the field is empty.</returns>
    private static async Task<int> AddTextAsync(
        Dictionary<string, string> texts, int left, string name, MultipartSection section, CancellationToken cancellationToken)
    {
        if (texts.Count == MostTexts)
            throw Wrong(MemberErrors.Shorten(name), $"a form has at most {MostTexts} fields besides its images.");
        var text = await TextAsync(name, section, cancellationToken);
        // A field that a form leaves empty is not given. An empty prompt is a mistake.
        if (text.Length == 0 && name != "prompt")
            return 0;
        var size = Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(text);
        if (size > left)
        {
            throw Wrong(
                MemberErrors.Shorten(name),
                $"a form has at most {ByteSize.Text(MostText)} of names and texts, images aside. Send an image as a file.");
        }
        if (!texts.TryAdd(name, text))
            throw Wrong(MemberErrors.Shorten(name), "is given more than once.");
        return size;
    }

    private static async Task<string> TextAsync(string name, MultipartSection section, CancellationToken cancellationToken)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(LongestText + 1);
        try
        {
            var count = await section.Body.ReadAtLeastAsync(
                bytes.AsMemory(0, LongestText + 1), LongestText + 1, throwOnEndOfStream: false, cancellationToken);
            if (count > LongestText)
                throw Wrong(MemberErrors.Shorten(name), $"a field has at most {ByteSize.Text(LongestText)}. Send an image as a file.");
            var text = Strict.GetString(bytes, 0, count);
            return text.Contains('\0', StringComparison.Ordinal) ? throw Wrong(name, "holds U+0000, which is not text.") : text;
        }
        catch (DecoderFallbackException failure)
        {
            throw new GenApiException(ErrorKind.InvalidRequest, $"{MemberErrors.Shorten(name)}: must be UTF-8.", failure);
        }
        catch (Exception failure) when (failure is IOException and not BadHttpRequestException or InvalidDataException)
        {
            throw new GenApiException(ErrorKind.InvalidRequest, "The form ends early. Send it again.", failure);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>The boundary and the names of files differ in every repeat of a form, so they do not count.</summary>
    private static JsonElement IdentityOf(Dictionary<string, string> texts, List<EditImage> images, EditImage? mask)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("fields");
            foreach (var (name, text) in texts.OrderBy(text => text.Key, StringComparer.Ordinal))
                json.WriteString(name, text);
            json.WriteEndObject();
            json.WriteStartArray("images");
            foreach (var image in images)
                json.WriteStringValue(HashOf(image));
            json.WriteEndArray();
            if (mask is not null)
                json.WriteString("mask", HashOf(mask));
            json.WriteEndObject();
        }
        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static string HashOf(EditImage image) => image.Upload?.Sha256 ?? image.Value.GetString()!;

    private static GenApiException Wrong(string name, string sentence) =>
        GenApiException.ForMember(ErrorKind.InvalidRequest, name, sentence);

    [GeneratedRegex(@"^images?(\[\d{0,3}\])?$", RegexOptions.CultureInvariant)]
    private static partial Regex SourceName();
}
