using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Mime;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Files;
using GenApi.Sandbox.Predictions;
using Microsoft.AspNetCore.Http.Features;

namespace GenApi.Sandbox.Http;

/// <summary>Serves the Files API, whose files predictions may name as inputs.</summary>
[SuppressMessage("Security", "CA5351", Justification = "Replicate shows the MD5 of a file as a checksum; nothing relies on it.")]
internal static class UploadEndpoints
{
    private const long LargestFile = 100 * 1024 * 1024;
    private static readonly IResult NotFound = Answers.Problem(404, null, "File not found");

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/files", CreateAsync);
        routes.MapGet("/v1/files", List);
        routes.MapGet("/v1/files/{id}", (string id, UploadedFiles files) =>
            files.Find(id) is { } file ? Answers.Json(json => Write(json, file)) : NotFound);
        routes.MapGet("/v1/files/{id}/download", Download);
        routes.MapDelete("/v1/files/{id}", (string id, UploadedFiles files) => files.Remove(id) ? Results.NoContent() : NotFound);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext http, UploadedFiles files, Faults faults, SandboxStats stats, SandboxOptions options, TimeProvider time)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = LargestFile + 1024 * 1024;
        if (!http.Request.HasFormContentType)
            return Answers.Problem(400, "Bad request", "Expected multipart/form-data with a part named content.");
        var form = await http.Request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = LargestFile + 1 }, http.RequestAborted);
        if (form.Files.GetFile("content") is not { } content)
            return Answers.Problem(400, "Bad request", "Missing content");
        if (content.Length >= LargestFile)
            return Answers.Problem(413, null, "Files must be less than 100MB in size");
        var metadata = await TextAsync(form, "metadata", http.RequestAborted) ?? "{}";
        if (!IsObject(metadata))
            return Answers.Problem(400, "Bad request", "metadata must be a JSON object");
        stats.UploadAttempted();
        if (await FaultAsync(faults, time, http.RequestAborted) is { } refusal)
            return refusal;

        var bytes = new byte[content.Length];
        await using (var stream = content.OpenReadStream())
            await stream.ReadExactlyAsync(bytes, http.RequestAborted);
        var now = time.GetUtcNow();
        var file = new UploadedFile(
            PredictionBook.NewId(), await TextAsync(form, "filename", http.RequestAborted) ?? content.FileName,
            await TextAsync(form, "type", http.RequestAborted) ?? content.ContentType ?? MediaTypeNames.Application.Octet, bytes,
            Convert.ToHexStringLower(SHA256.HashData(bytes)), Convert.ToHexStringLower(MD5.HashData(bytes)), metadata,
            now, now + options.UploadRetention, $"{http.Request.Scheme}://{http.Request.Host}");
        files.Add(file);
        stats.Uploaded(new RecordedUpload(file.Id, file.Name, file.ContentType, bytes.Length, file.Sha256, now));
        return Answers.Json(json => Write(json, file), 201);
    }

    private static IResult List(HttpContext http, UploadedFiles files)
    {
        if (!Cursors.TryRead(http.Request, out var below, out var above))
            return Cursors.Invalid;
        var (rows, older, newer) = files.Page(Cursors.PageSize, below, above);
        return Cursors.Page(http.Request, rows.Count > 0 ? (rows[0].Number, rows[^1].Number) : null, older, newer, json =>
        {
            foreach (var file in rows)
                Write(json, file);
        });
    }

    /// <summary>Serves the bytes to the holder of a signed address. All doubts answer alike.</summary>
    private static IResult Download(string id, HttpContext http, UploadedFiles files, SandboxOptions options, TimeProvider time)
    {
        var query = http.Request.Query;
        var (owner, expiry) = (query["owner"].ToString(), query["expiry"].ToString());
        var signed = Convert.ToBase64String(
            HMACSHA256.HashData(Encoding.UTF8.GetBytes(options.FilesSecret), Encoding.UTF8.GetBytes($"{owner} {id} {expiry}")));
        // A plus sign that was not escaped arrives as a blank.
        var isSigned = owner == AccountEndpoints.Username && query["signature"].ToString().Replace(' ', '+') == signed
            && long.TryParse(expiry, NumberStyles.None, CultureInfo.InvariantCulture, out var until)
            && until > time.GetUtcNow().ToUnixTimeSeconds();
        return isSigned && files.Find(id) is { } file ? Results.Bytes(file.Content, MediaTypeNames.Application.Octet, file.Name) : NotFound;
    }

    /// <summary>Reads a text of the form, which some clients send as a field and others as a file.</summary>
    private static async Task<string?> TextAsync(IFormCollection form, string name, CancellationToken ct)
    {
        if (form[name].FirstOrDefault() is { } field)
            return field;
        if (form.Files.GetFile(name) is not { } part)
            return null;
        using var reader = new StreamReader(part.OpenReadStream(), Encoding.UTF8);
        return await reader.ReadToEndAsync(ct);
    }

    private static async Task<IResult?> FaultAsync(Faults faults, TimeProvider time, CancellationToken ct)
    {
        foreach (var fault in faults.Matching(null, FaultKind.UploadError, FaultKind.UploadSlow))
        {
            if (!fault.TryUse())
                continue;
            if (fault.Kind == FaultKind.UploadSlow)
                await fault.HoldAsync(time, ct);
            else
                return fault.Kind == FaultKind.UploadReset
                    ? new ResetAnswer()
                    : Answers.Problem(fault.Status ?? 500, null, fault.Text ?? "Internal server error");
        }
        return null;
    }

    private static bool IsObject(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static void Write(Utf8JsonWriter json, UploadedFile file)
    {
        json.WriteStartObject();
        json.WriteString("id", file.Id);
        json.WriteString("name", file.Name);
        json.WriteString("content_type", file.ContentType);
        json.WriteNumber("size", file.Content.Length);
        json.WriteString("etag", file.Sha256[..32]);
        json.WriteStartObject("checksums");
        json.WriteString("sha256", file.Sha256);
        json.WriteString("md5", file.Md5);
        json.WriteEndObject();
        json.WritePropertyName("metadata");
        json.WriteRawValue(file.Metadata);
        json.WriteString("created_at", PredictionJson.Text(file.CreatedAt));
        json.WriteString("expires_at", PredictionJson.Text(file.ExpiresAt));
        json.WriteStartObject("urls");
        json.WriteString("get", file.Url);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
