using GenApi.Core.Errors;
using GenApi.Core.Generations.Gallery;
using GenApi.Core.Images;
using GenApi.Hosting;
using GenApi.Hosting.OpenApi;

namespace GenApi.Gallery;

/// <summary>Describes these routes in the API document.</summary>
internal static class GalleryDocs
{
    private const string IdText = "`img_…`.";

    private static readonly string TagWords = $"1 to {ImageTag.Longest} characters. Case, spaces around it and Unicode composition do not "
        + "matter.";

    public static void DocumentList(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ListImages", ApiTags.Images, "List images, newest first",
            "The order is that of the generations, then the order of the images in their generation. A row must match every filter "
            + "given. A page costs the same however many rows there are. Where few images match, a page may have fewer rows than `limit`, "
            + "or none: only a `next_cursor` of null is the end.")
        .Query(GalleryListQuery.Parameters)
        .Answer<CursorPage<ListedImageContract>>(200, "One page.")
        .Problems(ErrorKind.InvalidRequest);

    public static void DocumentTags(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ListTags", ApiTags.Images, "List your tags", "Every tag that the caller's account has given to an image.")
        .Answer<TagsContract>(200, "The tags.")
        .Problems();

    public static void DocumentTagsOfImage(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ListImageTags", ApiTags.Images, "List your tags of an image", "Tags of other accounts are not shown.")
        .Path("id", IdText)
        .Answer<TagsContract>(200, "The tags.")
        .Problems(ErrorKind.NotFound);

    public static void DocumentTag(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("TagImage", ApiTags.Images, "Tag an image",
            $"An account sees only its own tags: at most {GalleryService.MostOfImage} on an image, and {GalleryService.MostOfAccount} "
            + "different ones in all.")
        .Path("id", IdText)
        .Path("tag", TagWords)
        .Answer(204, "The image has the tag, or had it before.")
        .Problems(ErrorKind.InvalidRequest, ErrorKind.NotFound, ErrorKind.Conflict, ErrorKind.StorageFull);

    public static void DocumentUntag(this RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("UntagImage", ApiTags.Images, "Remove a tag from an image", "Tags of other accounts stay.")
        .Path("id", IdText)
        .Path("tag", TagWords)
        .Answer(204, "The image does not have the tag, or did not before.")
        .Problems(ErrorKind.InvalidRequest, ErrorKind.NotFound);
}
