using System.Runtime.InteropServices;
using System.Text.Json;

namespace GenApi.Core.Models.Inputs;

/// <summary>
/// A file among the values of an input whose bytes are here: the id of an image or an upload, or a data URI. A URL is none of these: it
/// is sent as it is.
/// </summary>
/// <param name="Name">The model's own name of the input.</param>
/// <param name="Index">Its place in a list of files; null where the input is one file.</param>
/// <param name="Path">Where the caller wrote it, as a JSON path.</param>
/// <param name="Id">Of the image or the upload; empty for a data URI.</param>
public sealed record InputFile(string Name, int? Index, string Path, string Id)
{
    /// <summary>The data URI as it stands in the body, which may be megabytes: it is not copied. Undefined for an id.</summary>
    public JsonElement Data { get; init; }

    public bool IsData => Data.ValueKind == JsonValueKind.String;

    /// <summary>How many bytes the data URI takes in JSON; 0 for an id.</summary>
    public int DataLength => IsData ? JsonMarshal.GetRawUtf8Value(Data).Length : 0;

    /// <summary>A mask that is white where to repaint, for a model that repaints where it is black.</summary>
    public bool MustBeInverted { get; init; }

    /// <summary>Of the bytes, in hexadecimal; null until they were looked at.</summary>
    public string? Sha256 { get; init; }

    /// <summary>As the bytes themselves say; null until they were looked at, and for what is no image.</summary>
    public string? ContentType { get; init; }
}
