using GenApi.Core.Errors;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;
using Microsoft.OpenApi;

namespace GenApi.Images;

/// <summary>Describes the bytes of images and files in the API document.</summary>
internal static class OutputDocs
{
    private static readonly (string, string)[] Whole =
    [
        ("ETag", "The SHA-256 of the bytes: a strong tag. Of the bytes as the model made them, it is `sha256` of the image or file."),
        ("Cache-Control", "`private` (`public` with `Images:CacheControl`), `max-age=31536000, immutable`. With a signed link: "
            + "`private`, and no longer than the link is valid."),
        ("Content-Disposition", "A file name from words of the prompt and the seed. `attachment` with `download`, and for types that a "
            + "browser must not run."),
    ];

    /// <summary>The header that only images have: their copies may depend on it.</summary>
    private static readonly (string, string) Vary = ("Vary", "`Accept` with `format=auto`.");

    public static void DocumentImage(RouteHandlerBuilder route, bool isHead) => Served(new OperationDocs(route)
        .Is(isHead ? "HeadImage" : "GetImage", ApiTags.Images, isHead ? "Get the headers of an image" : "Get an image",
            "The bytes as the model made them, or a copy in another size or format: `width`, `height` or `format` ask for one. Neither "
            + "ever changes, so a cache may keep them forever. An image `url` with `expires` and `sig` needs no key, for its copies too.")
        .Path("id", "`img_…`; an extension may follow (`img_….png`)."), isHead, "image",
        "The whole image, in its own type: png, jpeg, webp, avif, gif, svg or another that the model chose. "
        + "An SVG is a download, because it can contain script. A copy is png, jpeg, webp or avif.", "image/*", DerivedQuery.Parameters,
        [.. Whole, Vary], ErrorKind.InvalidRequest, ErrorKind.ImageNotConvertible, ErrorKind.Overloaded);

    public static void DocumentFile(RouteHandlerBuilder route, bool isHead) => Served(new OperationDocs(route)
        .Is(isHead ? "HeadFile" : "GetFile", ApiTags.Files, isHead ? "Get the headers of a file" : "Get a file",
            "The bytes of an output that is not a picture, as the model made them. They never change, so a cache may keep them forever. "
            + "A file `url` with `expires` and `sig` needs no key.")
        .Path("id", "`fil_…`; an extension may follow (`fil_….mp4`)."), isHead, "file",
        "The whole file, in its own type. A browser shows video, sound, plain text and JSON; everything else is a download.", "*/*", [],
        Whole, ErrorKind.InvalidRequest);

    private static void Served(
        OperationDocs docs, bool isHead, string what, string description, string contentType, IEnumerable<QueryParameter> parameters,
        (string, string)[] headers, params ErrorKind[] failures)
    {
        docs.Query(
            new(
                "expires",
                JsonSchemaType.Integer,
                "When the link expires, in Unix seconds. Part of the `url` in an answer.")
            { Format = "int64" },
            new("sig", JsonSchemaType.String, "The signature of the link. Part of the `url` in an answer."),
            new("download", JsonSchemaType.Boolean, $"If present, a browser saves the {what} instead of showing it."));
        docs.Query(parameters);
        // A part is sent to GET alone.
        if (!isHead)
            docs.Header("Range", "Such as `bytes=0-1023`.");
        docs.Header("If-None-Match", "An earlier `ETag`.")
            .Bytes(200, description, contentType, headers);
        if (!isHead)
        {
            docs.Bytes(206, "The requested part.", contentType, ("Content-Range", "The range returned."))
                .BareProblems(StatusCodes.Status416RangeNotSatisfiable)
                .Answer(302, "The address from which the S3 server sends the bytes for some minutes, with `Blobs:Redirect`.",
                    ("Location", "The address. It needs no key."));
        }
        docs.Answer(304, "The caller's copy is current.")
            .Problems([ErrorKind.NotFound, ErrorKind.BlobMissing, .. failures])
            .BareProblems(StatusCodes.Status412PreconditionFailed);
    }
}
