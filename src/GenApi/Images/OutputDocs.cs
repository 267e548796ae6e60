using GenApi.Core.Errors;
using GenApi.Hosting.OpenApi;
using Microsoft.OpenApi;

namespace GenApi.Images;

/// <summary>What the API document says about the bytes of images and files.</summary>
internal static class OutputDocs
{
    private static readonly (string, string)[] Whole =
    [
        ("ETag", "The SHA-256 of the bytes."),
        ("Cache-Control", "`max-age=31536000, immutable`; by a signed link no longer than it holds."),
        ("Content-Disposition", "Words of the prompt and the seed."),
    ];

    public static void DocumentImage(RouteHandlerBuilder route, bool isHead) => Served(new OperationDocs(route)
        .Is(isHead ? "HeadImage" : "GetImage", ApiTags.Images, isHead ? "Get the headers of an image" : "Get an image",
            "The bytes as the model made them. They never change, so an answer may be kept for good. "
            + "A `url` of an image that carries `expires` and `sig` needs no key.")
        .Path("id", "`img_…`; an extension may follow (`img_….png`)."), isHead, "image",
        "The whole image, of its own type: png, jpeg, webp, avif, gif, svg or another that the model chose. "
        + "An SVG is a download, because it can hold script.", "image/*");

    public static void DocumentFile(RouteHandlerBuilder route, bool isHead) => Served(new OperationDocs(route)
        .Is(isHead ? "HeadFile" : "GetFile", ApiTags.Files, isHead ? "Get the headers of a file" : "Get a file",
            "The bytes of an output that is no picture, as the model made them. They never change, so an answer may be kept for good. "
            + "A `url` of a file that carries `expires` and `sig` needs no key.")
        .Path("id", "`fil_…`; an extension may follow (`fil_….mp4`)."), isHead, "file",
        "The whole file, of its own type. Video, sound, plain text and JSON are shown by a browser; everything else is a download.", "*/*");

    private static void Served(OperationDocs docs, bool isHead, string what, string description, string contentType)
    {
        docs.Query("expires", JsonSchemaType.Integer, "Until when the link holds, in Unix seconds; part of the `url` that an answer gave.",
                format: "int64")
            .Query("sig", JsonSchemaType.String, "The link's signature; part of the same.")
            .Query("download", JsonSchemaType.Boolean, $"Given at all: a browser saves the {what} instead of showing it.");
        // A part is sent to GET alone.
        if (!isHead)
            docs.Header("Range", "Such as `bytes=0-1023`.");
        docs.Header("If-None-Match", "An `ETag` from before.")
            .Bytes(200, description, contentType, Whole);
        if (!isHead)
        {
            docs.Bytes(206, "A part of it.", contentType, ("Content-Range", "Which part."))
                .BareProblems(StatusCodes.Status416RangeNotSatisfiable);
        }
        docs.Answer(304, "The caller has it.")
            .Problems(ErrorKind.NotFound, ErrorKind.BlobMissing)
            .BareProblems(StatusCodes.Status412PreconditionFailed);
    }
}
