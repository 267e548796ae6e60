using System.Runtime.InteropServices;
using System.Text.Json;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// A file among the values of an input whose bytes are stored here or in the request: the id of an image or an upload, or a data URI. A URL
/// is not one of these: it is sent unchanged.
/// </summary>
/// <param name="Name">The model's own name of the input.</param>
/// <param name="Index">The position in a list of files; null if the input is one file.</param>
/// <param name="Path">The caller's JSON path.</param>
/// <param name="Id">The id of the image or the upload; empty for a data URI.</param>
public sealed record InputFile(string Name, int? Index, string Path, string Id)
{
    /// <summary>The data URI in place in the body, without a copy, because it may be megabytes. Undefined for an id.</summary>
    public JsonElement Data { get; init; }

    public bool IsData => Data.ValueKind == JsonValueKind.String;

    /// <summary>The length of the data URI in bytes of JSON; 0 for an id.</summary>
    public int DataLength => IsData ? JsonMarshal.GetRawUtf8Value(Data).Length : 0;

    /// <summary>True if the caller's mask is white where to repaint, but the model repaints black.</summary>
    public bool MustBeInverted { get; init; }

    /// <summary>The hash of the bytes, in hexadecimal; null until they were examined.</summary>
    public string? Sha256 { get; init; }

    /// <summary>The content type shown by the bytes; null until they were examined, and if they are not an image.</summary>
    public string? ContentType { get; init; }
}
