using System.Net.Mime;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Accounts.Entrance;
using GenApi.Core.Errors;
using GenApi.Core.Uploads;
using GenApi.Hosting.Requests;
using GenApi.Uploads;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace GenApi.Doors.Replicate.Catalogue;

/// <summary>
/// Reads the form of a new file, in any order of its parts. The file is never held in memory. Clients differ in how they send the metadata:
/// as a field with JSON, as a file with JSON, or as one field <c>metadata[…]</c> for each member.
/// </summary>
internal sealed class FileForm
{
    /// <summary>The largest body in bytes: the file, and everything around it.</summary>
    public const int MostBytes = UploadsOptions.MostFileBytes + (1 << 20);

    private const string Content = "content", Metadata = "metadata", FileName = "filename", Type = "type";
    private const int LongestMetadata = 64 << 10, LongestText = 1 << 10, MostMembers = 100;

    private readonly Dictionary<string, string> _texts = [];
    private readonly JsonObject _members = [];
    private readonly HttpContext _context;
    private readonly MultipartReader _reader;

    private FileForm(HttpContext context, MultipartReader reader) => (_context, _reader) = (context, reader);

    /// <summary>Passes the file to <paramref name="store"/>, which also reads what the form says about it.</summary>
    /// <exception cref="GenApiException">
    /// InvalidRequest, naming the part. BodyTooLarge: the file has 100 MB or more. UnsupportedMediaType: no form. Everything that
    /// <paramref name="store"/> throws.
    /// </exception>
    /// <exception cref="BadHttpRequestException">The body is too large or incomplete.</exception>
    public static async Task<T> ReadAsync<T>(
        HttpContext context, Func<Stream, Func<Task<UploadNote>>, Task<T>> store, CancellationToken cancellationToken)
    {
        MultipartForm.RequirePlain(context.Request);
        var reader = MultipartForm.Open(context.Request) ?? throw new GenApiException(
            ErrorKind.UnsupportedMediaType, "Send the file as multipart/form-data, in a part named content: curl -F content=@fox.png");
        var form = new FileForm(context, reader);
        while (await form.NextAsync(cancellationToken) is { } part)
        {
            if (part.Name != Content)
            {
                await form.ReadTextAsync(part, cancellationToken);
                continue;
            }
            return await store(Bounded(part), async () =>
            {
                while (await form.NextAsync(cancellationToken) is { } rest)
                    await form.ReadTextAsync(rest, cancellationToken);
                return form.Note(part);
            });
        }
        throw Wrong(Content, "is required: send the file in a part named content.");
    }

    private async Task<FilePart?> NextAsync(CancellationToken cancellationToken)
    {
        var section = await MultipartForm.NextAsync(_reader, cancellationToken);
        if (section is null)
            return null;
        var disposition = ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var parsed) ? parsed : null;
        var file = disposition?.FileNameStar is { Length: > 0 } star ? star : disposition?.FileName ?? default;
        return new(
            HeaderUtilities.RemoveQuotes(disposition?.Name ?? "").ToString(), HeaderUtilities.RemoveQuotes(file).ToString(), section);
    }

    private async Task ReadTextAsync(FilePart part, CancellationToken cancellationToken)
    {
        var member = part.Name.StartsWith($"{Metadata}[", StringComparison.Ordinal) && part.Name[^1] == ']'
            ? part.Name[(Metadata.Length + 1)..^1]
            : null;
        if (member is null && part.Name is not (Metadata or FileName or Type))
        {
            var shown = part.Name.Length > 0 ? MemberErrors.Shorten(part.Name) : "form";
            throw Wrong(shown, part.Name == Content
                ? "is there more than once. Send one form for each file."
                : $"is not known here. Allowed: {Content}, {FileName}, {Type}, {Metadata}.");
        }
        var text = await TextAsync(part, member is null && part.Name == Metadata ? LongestMetadata : LongestText, cancellationToken);
        if (text.Contains('\0', StringComparison.Ordinal) || part.Name.Contains('\0', StringComparison.Ordinal))
            throw Wrong(MemberErrors.Shorten(part.Name), "holds U+0000, which is not text. Leave it out.");
        if (member is null && !_texts.TryAdd(part.Name, text))
            throw Wrong(part.Name, "is there more than once.");
        if (member is not null && (_members.Count >= MostMembers || !_members.TryAdd(member, text)))
            throw Wrong(MemberErrors.Shorten(part.Name), $"is there more than once, or there are more than {MostMembers} members.");
    }

    private static async Task<string> TextAsync(FilePart part, int longest, CancellationToken cancellationToken)
    {
        var buffer = new byte[longest + 1];
        var length = await Bounded(part).ReadAtLeastAsync(
            buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return length <= longest
            ? Encoding.UTF8.GetString(buffer, 0, length)
            : throw Wrong(MemberErrors.Shorten(part.Name), $"has at most {ByteSize.Text(longest)}.");
    }

    private UploadNote Note(FilePart content)
    {
        var name = (_texts.GetValueOrDefault(FileName) ?? content.FileName).Trim();
        // Some senders give the path on their own machine.
        name = new string([.. name[(name.LastIndexOfAny(['/', '\\']) + 1)..].Where(letter => !char.IsControl(letter))]);
        if (Encoding.UTF8.GetByteCount(name) > Upload.LongestName)
            throw Wrong(FileName, $"has at most {Upload.LongestName} bytes.");
        var type = _texts.GetValueOrDefault(Type) ?? content.Section.ContentType;
        return new(name.Length > 0 ? name : "file", type ?? MediaTypeNames.Application.Octet, MetadataText());
    }

    private string? MetadataText()
    {
        if (!_texts.TryGetValue(Metadata, out var text))
            return _members.Count > 0 ? Checked(_members.ToJsonString()) : null;
        if (_members.Count > 0)
            throw Wrong(Metadata, "is there twice: as a whole, and in single members.");
        return string.IsNullOrWhiteSpace(text) ? null : Checked(text);
    }

    /// <summary>Returns JSON that can be stored and shown again.</summary>
    private string Checked(string text)
    {
        using var document = Parse(text);
        var metadata = document.RootElement;
        if (metadata.ValueKind != JsonValueKind.Object)
            throw Wrong(Metadata, $"must be a JSON object; it is {JsonTexts.Shown(metadata)}.");
        var errors = new MemberErrors();
        try
        {
            JsonTexts.Check(metadata, errors);
            errors.ThrowIfAny();
            JsonTexts.CheckDuplicates(metadata, errors);
            errors.ThrowIfAny();
        }
        catch (GenApiException unfit)
        {
            throw Wrong(Metadata, $"can't be stored: {unfit.Message}");
        }
        KeyInBody.Refuse(_context, metadata, Metadata);
        return metadata.GetRawText();
    }

    private static JsonDocument Parse(string text)
    {
        try
        {
            return JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            throw Wrong(Metadata, "must be a JSON object; it is not JSON.");
        }
    }

    private static GenApiException Wrong(string part, string sentence) =>
        GenApiException.ForMember(ErrorKind.InvalidRequest, part, $"'{part}' {sentence}");

    private static UploadStream Bounded(FilePart part) =>
        new(part.Section.Body, UploadsOptions.MostFileBytes, "Files must be less than 100MB in size");

    private sealed record FilePart(string Name, string FileName, MultipartSection Section);
}
