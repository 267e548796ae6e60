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
        .Is("CreateUpload", Tag, "Upload an image, to be used as an input",
            "The bytes as the body, of any stated type, or as the one file of a form; at most 20 MiB. The bytes decide what it is: PNG, JPEG, WebP, GIF, AVIF, HEIC or BMP. "
            + "It is kept for a week after its last use (`Uploads:KeepHours`).")
        .FileBody("The image.")
        .Answer<UploadContract>(201, "It is stored.", ("Location", "Where it can be looked at."))
        .Problems(ErrorKind.InvalidRequest, ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType, ErrorKind.StorageFull);

    private static void DocumentGet(RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("GetUpload", Tag, "What is known of an upload", "Its facts; the bytes are not served.")
        .Path("id", IdText)
        .Answer<UploadContract>(200, "As it is now.")
        .Problems(ErrorKind.NotFound);

    private static void DocumentDelete(RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("DeleteUpload", Tag, "Delete an upload", "A generation that is under way with it goes on.")
        .Path("id", IdText)
        .Answer(204, "It is gone; bytes that an image or another upload shares stay.")
        .Problems(ErrorKind.NotFound);
}
