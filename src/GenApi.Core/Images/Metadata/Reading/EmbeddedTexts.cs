using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Images.Containers;

namespace GenApi.Core.Images.Metadata.Reading;

/// <summary>The texts in a picture by keyword, from wherever tools put settings: chunks of PNG, and Exif in any of the formats.</summary>
internal sealed class EmbeddedTexts
{
    /// <summary>The keywords of texts in Exif and of comments in JPEG.</summary>
    public const string Comment = "UserComment", MakerNote = "MakerNote", Description = "ImageDescription", Camera = "Model",
        JpegComment = "comment";

    private const ushort DescriptionTag = 0x010E;
    private const ushort AsciiType = 2;
    private const byte CommentMarker = 0xFE;
    private const int LongestKeyword = 79;

    private readonly Dictionary<string, string> _texts = [];

    /// <summary>Returns a text; null if there is none, or if it is too long to be settings.</summary>
    public string? Find(string keyword) => _texts.GetValueOrDefault(keyword);

    /// <summary>Adds a text; the last one of a keyword counts, as for other readers.</summary>
    public void Add(string keyword, string text)
    {
        if (text.Length is > 0 and <= ToolJson.LongestText)
            _texts[keyword] = ToolJson.Clean(text);
    }

    /// <summary>
    /// Adds a text from the pixels: JSON whose members are texts by keyword, or one text in the form of AUTOMATIC1111's web UI.
    /// </summary>
    public void AddHidden(string text)
    {
        if (ToolJson.ParseObject(text) is not { } members)
        {
            Add("parameters", text);
            return;
        }
        foreach (var member in members.EnumerateObject().Where(member => member.Value.ValueKind == JsonValueKind.String))
            Add(member.Name, member.Value.GetString()!);
    }

    /// <summary>Reads all texts of a picture. What is damaged shows nothing.</summary>
    public static EmbeddedTexts Read(ReadOnlyMemory<byte> image)
    {
        var texts = new EmbeddedTexts();
        try
        {
            if (PngChunks.Are(image.Span))
                texts.ReadPng(PngChunks.Read(image));
            else if (JpegSegments.Are(image.Span))
                texts.ReadJpeg(JpegSegments.Read(image));
            else if (RiffChunks.Are(image.Span))
                texts.ReadWebP(RiffChunks.Read(image));
            else if (IsoBoxes.AreAvif(image.Span))
                texts.ReadAvif(IsoItems.Read(image));
        }
        catch (GenApiException damage) when (damage.Kind == ErrorKind.ImageNotConvertible)
        {
            // The picture as such was accepted before: only the part of the file that would hold settings can't be read.
        }
        return texts;
    }

    private void ReadPng(IReadOnlyList<PngChunk> chunks)
    {
        foreach (var chunk in chunks)
        {
            if (chunk.Type == "eXIf")
                ReadExif(chunk.Data);
            // ComfyUI's own chunk, for animations.
            else if (chunk.Type == "comf" && chunk.Data.Span.IndexOf((byte)0) is > 0 and <= LongestKeyword and var end)
                Add(Encoding.Latin1.GetString(chunk.Data.Span[..end]), UserComment.Plain(chunk.Data.Span[(end + 1)..]));
        }
        foreach (var text in PngTexts.Read(chunks))
            Add(text.Keyword, text.Text);
    }

    private void ReadJpeg(IReadOnlyList<JpegSegment> segments)
    {
        foreach (var segment in segments)
        {
            if (segment.IsExif)
                ReadExif(segment.Data);
            else if (segment.Marker == CommentMarker)
                Add(JpegComment, UserComment.Plain(segment.Data.Span));
        }
    }

    private void ReadWebP(IReadOnlyList<RiffChunk> chunks)
    {
        foreach (var chunk in chunks.Where(chunk => chunk.Type == "EXIF"))
            ReadExif(chunk.Data);
    }

    private void ReadAvif(IsoItems items)
    {
        foreach (var item in items.Items.Where(item => item.IsExif))
        {
            // Four bytes say how many more come before the block.
            if (items.DataOf(item) is { Length: > 4 } data
                && BinaryPrimitives.ReadUInt32BigEndian(data.Span) is var skipped && skipped <= data.Length - 4)
                ReadExif(data[(4 + (int)skipped)..]);
        }
    }

    private void ReadExif(ReadOnlyMemory<byte> data)
    {
        if (ExifBlock.Read(data) is not { } block)
            return;
        // Fooocus writes its comment into the main directory, where it does not belong.
        foreach (var entry in block.Main.Concat(block.Exif))
        {
            if (entry.Tag == ExifTags.UserComment)
                Add(Comment, UserComment.Decode(entry.Value.Span, block.IsBigEndian));
            else if (entry.Tag == ExifTags.MakerNote)
                Add(MakerNote, UserComment.Plain(entry.Value.Span));
            else if (entry.Type == AsciiType)
                AddAscii(entry.Tag, UserComment.Plain(entry.Value.Span));
        }
    }

    /// <summary>ComfyUI writes its texts into fields of the camera, each with its keyword before a colon.</summary>
    private void AddAscii(ushort tag, string text)
    {
        if (text.IndexOf(':', StringComparison.Ordinal) is > 0 and <= LongestKeyword and var colon
            && text.AsSpan(colon + 1).TrimStart() is ['{', ..] && text.AsSpan(0, colon).IndexOfAny("{\" ") < 0)
            Add(text[..colon], text[(colon + 1)..]);
        else if (tag == ExifTags.Model)
            Add(Camera, text);
        else if (tag == DescriptionTag)
            Add(Description, text);
    }
}
