using System.Net.Mime;
using System.Text.Json;
using GenApi.Accounts;
using GenApi.Core.Errors;
using GenApi.Core.Persistence;
using GenApi.Core.Uploads;
using GenApi.Images;
using Microsoft.Net.Http.Headers;

namespace GenApi.Doors.Replicate.Catalogue;

/// <summary>
/// Replicate's Files API over the uploads of the service. A file is an upload: its address is an input of predictions on this door, and its
/// id one of every request.
/// </summary>
internal sealed class FileRoutes(UploadLibrary library)
{
    public async Task CreateAsync(HttpContext context)
    {
        var owner = context.Caller().AccountId;
        var aborted = context.RequestAborted;
        var file = await FileForm.ReadAsync(
            context, (content, readNote) => library.StoreFileAsync(content, owner, readNote, aborted), aborted);
        context.Response.Headers.Location = FileAddress.Of(context.Request, file.Id);
        await WriteAsync(context, file, StatusCodes.Status201Created);
    }

    public async Task ListAsync(HttpContext context)
    {
        var (after, before) = CataloguePage.Read(context.Request);
        var (rows, hasMore) = await library.ListAsync(
            context.Caller().AccountId, CataloguePage.RowsOfPage, Position(after), Position(before), context.RequestAborted);
        // A cursor comes from a page at its other side.
        var (hasNewer, hasOlder) = (before is null ? after is not null : hasMore, before is null ? hasMore : true);
        await CataloguePage.WriteAsync(
            context, hasOlder && rows.Count > 0 ? IdOf(rows[^1]) : null, hasNewer && rows.Count > 0 ? IdOf(rows[0]) : null, json =>
            {
                foreach (var file in rows)
                    Write(json, file, context.Request);
            });
    }

    public async Task GetAsync(string id, HttpContext context) =>
        await WriteAsync(context, await FindAsync(id, context), StatusCodes.Status200OK);

    public async Task DeleteAsync(string id, HttpContext context)
    {
        if (!PublicId.TryParse(PublicId.Upload, id, out var upload)
            || !await library.DeleteAsync(upload, context.Caller(), context.Origin(), context.RequestAborted))
            throw Unknown();
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>
    /// GET /files/{id}/download: the bytes, for the key that may see the file. Replicate's own signature of such an address is made with a
    /// secret that only it has, so <c>owner</c>, <c>expiry</c> and <c>signature</c> are not needed and not read.
    /// </summary>
    public async Task DownloadAsync(string id, HttpContext context)
    {
        var file = await FindAsync(id, context);
        using var content = await library.OpenAsync(file, context.RequestAborted);
        var response = context.Response;
        // Bytes of strangers on our origin: a browser must not show them.
        response.ContentType = MediaTypeNames.Application.Octet;
        response.ContentLength = content.Length;
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(NameOf(file));
        response.Headers.ContentDisposition = disposition.ToString();
        response.Headers.CacheControl = "private, no-cache";
        await ImageBody.WriteAsync(context, content, new ByteRange(0, content.Length));
    }

    private async Task<Upload> FindAsync(string id, HttpContext context) =>
        PublicId.TryParse(PublicId.Upload, id, out var upload)
            ? await library.FindAsync(upload, context.Caller().VisibleAccount, context.RequestAborted) ?? throw Unknown()
            : throw Unknown();

    private Task WriteAsync(HttpContext context, Upload file, int status) =>
        CatalogueAnswer.WriteAsync(context, json => Write(json, file, context.Request), status);

    private void Write(Utf8JsonWriter json, Upload file, HttpRequest request)
    {
        json.WriteStartObject();
        json.WriteString("id", IdOf(file));
        json.WriteString("name", NameOf(file));
        json.WriteString("content_type", file.ContentType);
        json.WriteNumber("size", file.Bytes);
        json.WriteString("etag", file.Sha256);
        json.WriteStartObject("checksums");
        json.WriteString("sha256", file.Sha256);
        json.WriteEndObject();
        json.WritePropertyName("metadata");
        json.WriteRawValue(file.Metadata ?? "{}", skipInputValidation: true);
        json.WriteString("created_at", CatalogueAnswer.Time(file.CreatedAt));
        json.WriteString("expires_at", CatalogueAnswer.Time(library.ExpiresAt(file)));
        json.WriteStartObject("urls");
        json.WriteString("get", FileAddress.Of(request, file.Id));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string IdOf(Upload file) => PublicId.Format(PublicId.Upload, file.Id);

    /// <summary>An upload from POST /uploads has no name.</summary>
    private static string NameOf(Upload file) => file.Name ?? IdOf(file);

    private static Guid? Position(string? cursor) => cursor is null ? null
        : PublicId.TryParse(PublicId.Upload, cursor, out var id) ? id
        : throw CataloguePage.WrongCursor();

    private static GenApiException Unknown() => new(ErrorKind.NotFound, "File not found: it was deleted, has expired, or never existed.");
}
