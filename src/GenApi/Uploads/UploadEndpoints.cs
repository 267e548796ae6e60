using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Uploads;
using GenApi.Hosting;

namespace GenApi.Uploads;

/// <summary>Creates, shows and deletes images from outside. Their bytes are not served: the sender has them.</summary>
internal sealed class UploadEndpoints(UploadLibrary library)
{
    public async Task CreateAsync(HttpContext context)
    {
        var aborted = context.RequestAborted;
        var caller = context.Caller();
        var upload = await UploadBody.ReadAsync(
            context.Request, file => library.StoreAsync(file, caller.AccountId, aborted),
            stored => library.DeleteAsync(stored.Id, caller, context.Origin(), CancellationToken.None), aborted);
        context.Response.Headers.Location = UrlOf(upload, context.Request);
        await WriteAsync(context, StatusCodes.Status201Created, upload);
    }

    public async Task GetAsync(string id, HttpContext context)
    {
        var upload = await library.FindAsync(ParseId(id), context.Caller().VisibleAccount, context.RequestAborted) ?? throw Unknown();
        context.Response.Headers.CacheControl = "private, no-cache";
        await WriteAsync(context, StatusCodes.Status200OK, upload);
    }

    public async Task DeleteAsync(string id, HttpContext context)
    {
        if (!await library.DeleteAsync(ParseId(id), context.Caller(), context.Origin(), context.RequestAborted))
            throw Unknown();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private Task WriteAsync(HttpContext context, int status, Upload upload)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(Contract(upload, context.Request), UploadJsonContext.Answers.UploadContract);
        return JsonAnswer.WriteAsync(context, status, json);
    }

    private UploadContract Contract(Upload upload, HttpRequest request) => new()
    {
        Id = PublicId.Format(PublicId.Upload, upload.Id),
        ContentType = upload.ContentType,
        Width = upload.Width,
        Height = upload.Height,
        Bytes = upload.Bytes,
        Sha256 = upload.Sha256,
        CreatedAt = upload.CreatedAt.UtcDateTime,
        ExpiresAt = library.ExpiresAt(upload).UtcDateTime,
        Url = UrlOf(upload, request),
    };

    private static string UrlOf(Upload upload, HttpRequest request) =>
        $"{CallerAddress.Of(request)}/uploads/{PublicId.Format(PublicId.Upload, upload.Id)}";

    private static Guid ParseId(string text) => RouteId.Parse(PublicId.Upload, text, "upload");

    private static GenApiException Unknown() =>
        new(ErrorKind.NotFound, "There is no such upload: it was deleted, has expired, or never existed.");
}
