using GenApi.Accounts;
using GenApi.Core.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Uploads;
using GenApi.Hosting.OpenApi;
using GenApi.Uploads;
using Microsoft.AspNetCore.Mvc;

namespace GenApi.Images.Reading;

internal static class ReadingRouting
{
    public static IEndpointRouteBuilder MapPictureReading(this IEndpointRouteBuilder routes)
    {
        // Resolved once here: a parameter of the handler would open a service scope for each request.
        var endpoint = new ReadEndpoint(routes.ServiceProvider.GetRequiredService<PictureReader>());
        // The service's general limit is for JSON; this route accepts what an upload may have.
        Document(routes.MapPost("/images/read", (Delegate)endpoint.ReadAsync).Needs(KeyRights.Read)
            .WithMetadata(new RequestSizeLimitAttribute(UploadBody.MostBytes)));
        return routes;
    }

    private static void Document(RouteHandlerBuilder route) => new OperationDocs(route)
        .Is("ReadImageSettings", ApiTags.Images, "Read the settings in a picture",
            "Send the picture as for an upload: as the body, with any content type, or as the only file of a form; at most "
                + $"{ByteSize.Text(UploadsOptions.MostBytes)}. GenApi reads its own pictures and those of AUTOMATIC1111's web UI, "
                + "ComfyUI, InvokeAI, SwarmUI, Fooocus and NovelAI. It stores nothing and starts no run.")
        .FileBody("The picture.")
        .Answer<ReadSettingsContract>(200, "What the picture carries, which may be nothing.")
        .Problems(ErrorKind.InvalidRequest, ErrorKind.BodyTooLarge, ErrorKind.UnsupportedMediaType, ErrorKind.StorageFull);
}
