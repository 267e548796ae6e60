using System.Security.Cryptography;
using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Files;
using GenApi.Sandbox.Predictions;
using Microsoft.AspNetCore.Http.Features;

namespace GenApi.Sandbox.Http;

/// <summary>Serves the Files API, whose files predictions may name as inputs.</summary>
internal static class UploadEndpoints
{
    private const long LargestFile = 100 * 1024 * 1024;
    private static readonly IResult NotFound = Answers.Problem(404, null, "File not found");

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/files", CreateAsync);
        routes.MapGet("/v1/files", (UploadedFiles files) => Answers.Json(json =>
        {
            json.WriteStartObject();
            json.WriteNull("next");
            json.WriteNull("previous");
            json.WriteStartArray("results");
            foreach (var file in files.Newest)
                Write(json, file);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
        routes.MapGet("/v1/files/{id}", (string id, UploadedFiles files) =>
            files.Find(id) is { } file ? Answers.Json(json => Write(json, file)) : NotFound);
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
        var metadata = form["metadata"].FirstOrDefault() ?? "{}";
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
            PredictionBook.NewId(), content.FileName, content.ContentType, bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)),
            metadata,
            now, now + options.UploadRetention, $"{http.Request.Scheme}://{http.Request.Host}");
        files.Add(file);
        stats.Uploaded(new RecordedUpload(file.Id, file.Name, file.ContentType, bytes.Length, file.Sha256, now));
        return Answers.Json(json => Write(json, file), 201);
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
