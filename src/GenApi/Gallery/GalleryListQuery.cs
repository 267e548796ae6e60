using System.Globalization;
using GenApi.Core.Generations.Gallery;
using GenApi.Core.Images;
using GenApi.Core.Models.Catalogue;
using GenApi.Core.Persistence;
using GenApi.Hosting;
using GenApi.Hosting.Requests;
using Microsoft.OpenApi;

namespace GenApi.Gallery;

/// <summary>Reads the parameters of GET /images strictly, as those of GET /generations.</summary>
internal static class GalleryListQuery
{
    private const string Newest = "newest";
    private const string Oldest = "oldest";

    /// <summary>Every format in which an image can be stored, in the order in which people look for them.</summary>
    private static readonly (string Word, ImageFormat Format)[] Formats =
    [
        ("png", ImageFormat.Png), ("jpeg", ImageFormat.Jpeg), ("webp", ImageFormat.WebP), ("avif", ImageFormat.Avif),
        ("gif", ImageFormat.Gif), ("svg", ImageFormat.Svg), ("heic", ImageFormat.Heic), ("bmp", ImageFormat.Bmp),
        ("jxl", ImageFormat.Jxl), ("jp2", ImageFormat.Jpeg2000), ("j2k", ImageFormat.Jpeg2000Stream), ("tiff", ImageFormat.Tiff),
        ("ico", ImageFormat.Icon), ("psd", ImageFormat.Psd), ("exr", ImageFormat.Exr), ("hdr", ImageFormat.Hdr), ("qoi", ImageFormat.Qoi),
    ];

    public static IReadOnlyList<QueryParameter> Parameters { get; } =
    [
        ListFilters.WordsParameter,
        QueryParameter.Text("model", "Only images of this model: an alias, `owner/name`, or the address of the model's page. A version "
            + "does not narrow the list."),
        QueryParameter.Text("created_after", "Only images of generations created at this RFC 3339 time or later."),
        QueryParameter.Text("created_before", "Only images of generations created before this RFC 3339 time."),
        new("pinned", JsonSchemaType.Boolean, "`true`: only images of pinned generations. `false`: only the others."),
        new("min_width", JsonSchemaType.Integer, "Only images of at least this width, in pixels."),
        QueryParameter.Of(
            "format", new WordsAttribute("StoredFormat", [.. Formats.Select(each => each.Word)]), "Only images stored in this format."),
        QueryParameter.Text("tag", "Only images with this tag of the caller."),
        QueryParameter.Of(
            "order", new WordsAttribute("ImageOrder", Newest, Oldest), "Which images come first. Absent: `newest`."),
        QueryParameter.Text(
            "from", "The list begins at this image, `img_…`, or where it would be if it does not match. Not with `cursor`."),
        .. PageParameters.Both,
    ];

    /// <exception cref="Core.Errors.GenApiException">InvalidRequest, with all errors.</exception>
    public static GalleryQuery Read(IQueryCollection parameters, PageCursors cursors, ModelGuide models)
    {
        var errors = new MemberErrors();
        PageParameters.CheckNames(parameters, Parameters, errors);
        var query = new GalleryQuery
        {
            Words = ListFilters.Words(parameters, errors),
            Model = ListFilters.Model(parameters, models, errors),
            CreatedAfter = ListFilters.Time(parameters, "created_after", errors),
            CreatedBefore = ListFilters.Time(parameters, "created_before", errors),
            IsPinned = ListFilters.Flag(parameters, "pinned", errors),
            MinWidth = Width(parameters, errors),
            ContentType = Format(parameters, errors)?.ContentType,
            Tag = Tag(ListFilters.Text(parameters, "tag"), errors),
            IsOldestFirst = IsOldestFirst(parameters, errors),
            From = From(parameters, errors),
            Limit = PageParameters.Limit(parameters, errors),
            Cursor = Cursor(parameters, cursors, errors),
        };
        errors.ThrowIfAny();
        return query;
    }

    /// <summary>Reads a tag; null if there is none or it is wrong.</summary>
    public static string? Tag(string? text, MemberErrors errors)
    {
        if (text is null)
            return null;
        var tag = TagText.Normalize(text, out var fault);
        if (fault is null)
            return tag;
        errors.Add("tag", fault);
        return null;
    }

    private static int? Width(IQueryCollection parameters, MemberErrors errors)
    {
        if (ListFilters.Text(parameters, "min_width") is not { } text)
            return null;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var width) && width > 0)
            return width;
        errors.Add(
            "min_width",
            $"'min_width' must be a whole number of pixels from 1 to {int.MaxValue}; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    private static ImageFormat? Format(IQueryCollection parameters, MemberErrors errors)
    {
        if (ListFilters.Text(parameters, "format") is not { } text)
            return null;
        if (Array.Find(Formats, each => each.Word == text).Format is { } format)
            return format;
        var words = string.Join(", ", Formats.Select(each => each.Word));
        errors.Add("format", $"'format' must be one of {words}; it is \"{MemberErrors.Shorten(text)}\".");
        return null;
    }

    private static bool IsOldestFirst(IQueryCollection parameters, MemberErrors errors)
    {
        var text = ListFilters.Text(parameters, "order");
        if (text is not (null or Newest or Oldest))
            errors.Add("order", $"'order' must be {Newest} or {Oldest}; it is \"{MemberErrors.Shorten(text)}\".");
        return text == Oldest;
    }

    private static Guid? From(IQueryCollection parameters, MemberErrors errors)
    {
        if (ListFilters.Text(parameters, "from") is not { } text)
            return null;
        if (ListFilters.Text(parameters, PageParameters.CursorName) is not null)
            errors.Add("from", "'from' begins a list and 'cursor' continues one. Send one of them.");
        else if (PublicId.TryParse(PublicId.Image, text, out var id))
            return id;
        else
        {
            errors.Add(
                "from",
                $"'from' must be the id of an image, {PublicId.Image} and {PublicId.Digits} characters; "
                + $"it is \"{MemberErrors.Shorten(text)}\".");
        }
        return null;
    }

    private static GalleryCursor? Cursor(IQueryCollection parameters, PageCursors cursors, MemberErrors errors)
    {
        if (ListFilters.Text(parameters, PageParameters.CursorName) is not { } text)
            return null;
        if (cursors.TryDecode(text, out var at, out var number, out var index))
            return new(at, number, index);
        PageParameters.AddWrongCursor(errors);
        return null;
    }
}
