using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Uploads;
using GenApi.Hosting.OpenApi;
using Microsoft.AspNetCore.Mvc;

namespace GenApi.Uploads;

internal static class UploadsRouting
{
    private const string Tag = ApiTags.Uploads;
    private const string IdText = "`upl_…`.";

    public static IEndpointRouteBuilder MapUploads(this IEndpointRouteBuilder routes)
    {
        // Resolved once here: parameters of the handlers would open a service scope for each request.
        var endpoints = new UploadEndpoints(routes.ServiceProvider.GetRequiredService<UploadLibrary>());
        var group = routes.MapGroup("/uploads");
        // The service's general limit is for JSON; this route accepts more.
        DocumentCreate(group.MapPost("", (Delegate)endpoints.CreateAsync).Needs(KeyRights.Generate)
            .WithMetadata(new RequestSizeLimitAttribute(UploadBody.MostBytes)));
        DocumentGet(group.MapGet("/{id}", endpoints.GetAsync).Needs(KeyRights.Read));
        DocumentDelete(group.MapDelete("/{id}", endpoints.DeleteAsync).Needs(KeyRights.Generate));
        return routes;
    }

    private static void DocumentCreate(RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("CreateUpload", Tag, "Upload an image to use as an input",
            "Send the bytes as the body, with any content type, or as the only file of a form; at most "
                + $"{ByteSize.Text(UploadsOptions.MostBytes)}. The bytes alone decide the type: PNG, JPEG, WebP, GIF, AVIF, HEIC or BMP. "
            + "GenApi keeps an upload for a week after its last use (`Uploads:KeepHours`).")
        .FileBody("The image.")
        .Answer<UploadContract>(201, "The upload is stored.", ("Location", "The address of the upload."))
        .Problems(ErrorKind.InvalidRequest, ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType, ErrorKind.StorageFull);

    private static void DocumentGet(RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetUpload", Tag, "Get the facts of an upload", "The bytes themselves are not served.")
        .Path("id", IdText)
        .Answer<UploadContract>(200, "The upload as it is now.")
        .Problems(ErrorKind.NotFound);

    private static void DocumentDelete(RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("DeleteUpload", Tag, "Delete an upload", "A generation that already uses it continues.")
        .Path("id", IdText)
        .Answer(204, "It is deleted. Bytes that an image or another upload shares stay.")
        .Problems(ErrorKind.NotFound);
}
