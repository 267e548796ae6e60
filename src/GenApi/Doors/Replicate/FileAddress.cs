using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Json;
using GenApi.Core.Persistence;

namespace GenApi.Doors.Replicate;

/// <summary>
/// The address of a file on this door. Replicate's clients upload a file and then name its address in the input of a prediction; the
/// service knows files by their ids.
/// </summary>
internal static class FileAddress
{
    private const string Files = ReplicateDoor.Root + "/files/", Images = "/images/";

    /// <summary>Returns the address by which the caller reaches the file.</summary>
    public static string Of(HttpRequest request, Guid upload) =>
        $"{ReplicateDoor.Address(request)}/files/{PublicId.Format(PublicId.Upload, upload)}";

    /// <summary>
    /// Replaces the addresses of files among the values of an input by their ids. The host does not matter: a caller may upload by one name
    /// of this service and run by another. Whether the file exists for the caller is checked where the id is used.
    /// </summary>
    /// <param name="input">The input of a prediction; its names are not repeated.</param>
    public static JsonElement ToIds(JsonElement input)
    {
        // Nearly every input has none.
        if (input.ValueKind != JsonValueKind.Object || !MayHoldId(JsonMarshal.GetRawUtf8Value(input)))
            return input;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, input);
        return JsonDocument.Parse(buffer.WrittenMemory).RootElement;
    }

    /// <summary>Reads the id from the address of a file.</summary>
    /// <returns>False for any other text.</returns>
    internal static bool TryRead(string text, out string id)
    {
        id = "";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address)
            || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            return false;
        var path = address.AbsolutePath;
        // Behind a proxy, the service may have a prefix.
        if (path.LastIndexOf(Files, StringComparison.OrdinalIgnoreCase) is var at and >= 0)
        {
            id = path[(at + Files.Length)..];
            return PublicId.TryParse(PublicId.Upload, id, out _);
        }
        // An output of an earlier prediction, with the extension that its link has.
        at = path.LastIndexOf(Images, StringComparison.OrdinalIgnoreCase);
        id = at < 0 ? "" : path[(at + Images.Length)..].Split('.')[0];
        return PublicId.TryParse(PublicId.Image, id, out _);
    }

    private static bool MayHoldId(ReadOnlySpan<byte> raw) => raw.IndexOf("upl_"u8) >= 0 || raw.IndexOf("img_"u8) >= 0;

    private static void Write(Utf8JsonWriter json, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    json.WritePropertyName(member.Name);
                    Write(json, member.Value);
                }
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(json, item);
                json.WriteEndArray();
                break;
            case JsonValueKind.String when MayHoldId(JsonMarshal.GetRawUtf8Value(value)) && TryRead(value.GetString()!, out var id):
                json.WriteStringValue(id);
                break;
            default:
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(value), skipInputValidation: true);
                break;
        }
    }
}
