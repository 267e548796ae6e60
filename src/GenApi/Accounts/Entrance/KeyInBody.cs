using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Hosting.Requests;

namespace GenApi.Accounts.Entrance;

/// <summary>
/// Finds the caller's key in its own request. Some clients can send their whole settings as the input of a model, and what is stored there
/// is listed and shown for ever.
/// </summary>
internal static class KeyInBody
{
    /// <summary>A shorter text is no key of ours. Without keys, clients send any word in its place.</summary>
    private const int ShortestSecret = 16;

    /// <summary>The longest key that the settings take.</summary>
    private const int LongestSecret = 200;

    /// <summary>Refuses a body in which a name or a text holds the key that the request was sent with.</summary>
    /// <param name="context">The request.</param>
    /// <param name="body">Its body, or a part of it.</param>
    /// <param name="path">The JSON path of <paramref name="body"/>.</param>
    /// <exception cref="GenApiException">InvalidRequest, naming the member; the value is not repeated.</exception>
    public static void Refuse(HttpContext context, JsonElement body, string path = "$")
    {
        if (body.ValueKind == JsonValueKind.Undefined
            || !KeyHeaders.TryRead(context.Request.Headers, context.DoorScheme(), out var secret, out _)
            || secret.Length is < ShortestSecret or > LongestSecret)
            return;
        Span<byte> buffer = stackalloc byte[4 * LongestSecret];
        var utf8 = buffer[..Encoding.UTF8.GetBytes(secret, buffer)];
        // Nearly every request ends here: its bytes as they came hold neither the key nor an escape.
        var raw = JsonMarshal.GetRawUtf8Value(body);
        if (raw.IndexOf(utf8) < 0 && !raw.Contains((byte)'\\'))
            return;
        if (Find(body, path, secret.ToString(), utf8) is not { } found)
            return;
        var name = found[(found.LastIndexOfAny(['.', '[']) + 1)..].TrimEnd(']');
        throw GenApiException.ForMember(
            ErrorKind.InvalidRequest, found,
            $"'{name}' holds the API key of this request, which must not be stored. Leave it out, and send the key only in a header.");
    }

    /// <returns>The path of the first member with the secret; null if there is none.</returns>
    private static string? Find(JsonElement value, string path, string secret, ReadOnlySpan<byte> utf8)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject())
                {
                    // A name that is the secret can't be named.
                    var name = JsonMarshal.GetRawUtf8PropertyName(member);
                    if (name.IndexOf(utf8) >= 0 || (IsEscaped(name) && Holds(name, secret)))
                        return path;
                    if (Find(member.Value, MemberErrors.Path(path, NameOf(member)), secret, utf8) is { } found)
                        return found;
                }
                return null;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in value.EnumerateArray())
                {
                    if (Find(item, $"{path}[{index++}]", secret, utf8) is { } found)
                        return found;
                }
                return null;
            case JsonValueKind.String:
                var raw = JsonMarshal.GetRawUtf8Value(value);
                return raw.IndexOf(utf8) >= 0 || (IsEscaped(raw) && Holds(raw[1..^1], secret))
                    ? path
                    : null;
            default:
                return null;
        }
    }

    /// <summary>A text with half of a surrogate pair can't be read. The check of the request refuses it, so it is not stored.</summary>
    private static bool Holds(ReadOnlySpan<byte> escaped, string secret)
    {
        var reader = new Utf8JsonReader([(byte)'"', .. escaped, (byte)'"']);
        try
        {
            return reader.Read() && reader.GetString()!.Contains(secret, StringComparison.Ordinal);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8PropertyName(member));
        }
    }

    private static bool IsEscaped(ReadOnlySpan<byte> raw) => raw.Contains((byte)'\\');
}
