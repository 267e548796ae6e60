using System.Text;
using System.Text.Json;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Generations.Intake;
using GenApi.Core.Models.Canonical;
using GenApi.Core.Persistence;
using GenApi.Core.Uploads;

namespace GenApi.Doors;

/// <summary>
/// Stores the images that a door's request brings, as uploads made here: equal bytes are stored once for each account, and they expire
/// with other uploads. Every refusal names the member.
/// </summary>
internal sealed class DoorFiles(UploadLibrary uploads, AlphaMasks alphas, MaskInverter inverter)
{
    /// <summary>Stores an image while it arrives.</summary>
    /// <param name="member">The member, for refusals.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="owner">The account.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="GenApiException">InvalidRequest: it is no image that models take. Or the storage can't take it.</exception>
    public async Task<Upload> StoreAsync(string member, Stream content, Guid owner, CancellationToken cancellationToken)
    {
        try
        {
            return await uploads.StoreDerivedAsync(content, null, owner, cancellationToken);
        }
        catch (GenApiException fault) when (fault.Kind == ErrorKind.UnsupportedMediaType)
        {
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, member, $"must be an image. {fault.Message}");
        }
    }

    /// <summary>Stores an image that stands in a body as base64 or as a data URI. A link and an id stay as they are.</summary>
    /// <returns>What the model's input becomes: the id of the upload, or the text as it was.</returns>
    /// <exception cref="GenApiException">As <see cref="StoreAsync"/>.</exception>
    public async Task<JsonElement> StoreTextAsync(string member, JsonElement text, Guid owner, CancellationToken cancellationToken)
    {
        if (IsNamed(text))
            return text;
        return IdOf(await StoreAsync(member, new MemoryStream(Decode(member, text), writable: false), owner, cancellationToken));
    }

    /// <summary>Finds the upload that an id names; null if it names none that the caller sees.</summary>
    public async Task<Upload?> FindAsync(Caller caller, string id, CancellationToken cancellationToken) =>
        PublicId.TryParse(PublicId.Upload, id, out var upload)
            ? await uploads.FindAsync(upload, caller.VisibleAccount, cancellationToken)
            : null;

    /// <summary>Makes the mask that an image's transparency means.</summary>
    /// <returns>Null if no pixel is transparent.</returns>
    /// <exception cref="GenApiException">InvalidInput: it is no image made of pixels, can't be decoded, or has too many pixels.</exception>
    public async Task<Upload?> MaskOfAsync(
        string member, Upload image, AlphaMeaning painted, Guid owner, CancellationToken cancellationToken)
    {
        try
        {
            return await alphas.MakeAsync(image, painted, owner, cancellationToken);
        }
        catch (GenApiException fault) when (IsOfMember(fault))
        {
            throw GenApiException.ForMember(fault.Kind, member, $"{fault.Message}.");
        }
    }

    /// <summary>Swaps black and white of a mask.</summary>
    /// <exception cref="GenApiException">InvalidInput: the mask can't be decoded, or has too many pixels.</exception>
    public async Task<Upload> InvertAsync(string member, Upload mask, Guid owner, CancellationToken cancellationToken)
    {
        try
        {
            return await inverter.InvertAsync(mask.Sha256, null, owner, cancellationToken);
        }
        catch (GenApiException fault) when (IsOfMember(fault))
        {
            throw GenApiException.ForMember(fault.Kind, member, $"{fault.Message}.");
        }
    }

    /// <summary>Returns whether a text names an image elsewhere: a link, or the id of an image or an upload.</summary>
    public static bool IsNamed(JsonElement text)
    {
        // A file may have megabytes, so only the beginning is read.
        var head = JsonCharacters.Plain(text);
        return Begins(head, "http://"u8) || Begins(head, "https://"u8)
            || (head.Length <= PublicId.Upload.Length + PublicId.Digits && PublicId.NamesFile(text.GetString()));
    }

    /// <summary>Returns the id of an upload as a value of JSON.</summary>
    public static JsonElement IdOf(Upload upload) => JsonElement.Parse($"\"{PublicId.Format(PublicId.Upload, upload.Id)}\"");

    /// <summary>Decodes base64 or a data URI.</summary>
    /// <exception cref="GenApiException">InvalidRequest: it is neither.</exception>
    public static byte[] Decode(string member, JsonElement text)
    {
        var plain = JsonCharacters.Plain(text);
        try
        {
            return Begins(plain, "data:"u8) ? InputData.Decode(text).Bytes : InputData.FromBase64(plain);
        }
        catch (GenApiException fault) when (fault.Kind == ErrorKind.InvalidInput)
        {
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, member,
                "must be an image as base64 or as a data URI (data:image/png;base64,…); it can't be decoded.");
        }
    }

    private static bool Begins(ReadOnlySpan<byte> text, ReadOnlySpan<byte> start) =>
        text.Length >= start.Length && Ascii.EqualsIgnoreCase(text[..start.Length], start);

    private static bool IsOfMember(GenApiException fault) => fault.Kind is ErrorKind.InvalidInput or ErrorKind.BlobMissing;
}
