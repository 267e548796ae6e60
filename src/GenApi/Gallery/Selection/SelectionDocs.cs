using GenApi.Core.Errors;
using GenApi.Hosting.OpenApi;

namespace GenApi.Gallery.Selection;

/// <summary>Describes, in the API document, acts on many images at once.</summary>
internal static class SelectionDocs
{
    public const string ZipType = "application/zip";

    private const string Some = """{ "ids": ["img_01m874scntedft1trzb6g6ttzr", "img_01m874scntfvs8ja0b0jvsx5h9"] }""";

    public static void DocumentArchive(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ArchiveImages", ApiTags.Images, "Get many images as one zip",
            "Up to 500 images and files, stored without compression, and `settings.json` with everything they were made with. All ids are "
            + "checked before the first byte. If something is lost or deleted after it, the connection breaks: an archive that arrives "
            + "completely is whole.")
        .Body<SelectionRequest>(("two", "Two images", Some))
        .Bytes(200, "The archive. File names are made of words of the prompt and the seed.", ZipType,
            ("Content-Disposition", "`attachment`, with a file name."),
            ("Content-Length", "The length of the whole archive."))
        .Problems(ErrorKind.MalformedJson, ErrorKind.InvalidRequest, ErrorKind.NotFound, ErrorKind.BodyTooLarge,
            ErrorKind.UnsupportedMediaType, ErrorKind.BlobMissing);

    public static void DocumentDelete(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("DeleteImages", ApiTags.Images, "Delete many images, for a while undoably",
            "Up to 500 images and files, all of them or none. They are gone for every caller at once, and their generations no longer "
            + "answer other requests. For an hour (`Images:UndoMinutes`) `POST /images/restore` brings them back.")
        .Body<SelectionRequest>(("two", "Two images", Some))
        .Answer<DeletedOutputsContract>(200, "All of them are deleted.")
        .Problems(ErrorKind.MalformedJson, ErrorKind.InvalidRequest, ErrorKind.NotFound, ErrorKind.Conflict,
            ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType);

    public static void DocumentRestore(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("RestoreImages", ApiTags.Images, "Restore deleted images",
            "Brings back what `POST /images/delete` deleted, all of them or none. A generation that has everything again answers other "
            + "requests again.")
        .Body<SelectionRequest>(("two", "Two images", Some))
        .Answer<RestoredOutputsContract>(200, "All of them are back.")
        .Problems(ErrorKind.MalformedJson, ErrorKind.InvalidRequest, ErrorKind.NotFound, ErrorKind.BodyTooLarge,
            ErrorKind.UnsupportedMediaType);
}
