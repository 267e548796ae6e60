using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using GenApi.Sandbox.Predictions;
using Microsoft.AspNetCore.Http.Features;

namespace GenApi.Sandbox.Http;

/// <summary>What is known about an uploaded file. The bytes themselves are not kept: no model here looks at them.</summary>
internal sealed record Upload(string Id, string Name, string ContentType, long Size, string Sha256, string Metadata, DateTimeOffset CreatedAt, string BaseUrl);

internal sealed class Uploads(TimeProvider time)
{
    private static readonly TimeSpan _kept = TimeSpan.FromHours(24);
    private readonly ConcurrentDictionary<string, Upload> _all = new();

    public IEnumerable<Upload> Newest => _all.Values.Where(IsKept).OrderByDescending(u => u.CreatedAt);

    public static DateTimeOffset ExpiryOf(Upload upload) => upload.CreatedAt + _kept;

    public Upload? Find(string id) => _all.TryGetValue(id, out var upload) && IsKept(upload) ? upload : null;

    public void Add(Upload upload)
    {
        foreach (var expired in _all.Values.Where(u => !IsKept(u)))
            _all.TryRemove(expired.Id, out _);
        _all[upload.Id] = upload;
    }

    public bool Remove(string id) => _all.TryRemove(id, out _);

    public void Clear() => _all.Clear();

    private bool IsKept(Upload upload) => time.GetUtcNow() < ExpiryOf(upload);
}

internal static class UploadEndpoints
{
    private const long LargestFile = 100 * 1024 * 1024;
    private static readonly IResult _notFound = Answers.Problem(404, null, "File not found");

    public static void MapUploads(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/files", CreateAsync);
        routes.MapGet("/v1/files", (Uploads uploads) => Answers.Json(json =>
        {
            json.WriteStartObject();
            json.WriteNull("next");
            json.WriteNull("previous");
            json.WriteStartArray("results");
            foreach (var upload in uploads.Newest)
                Write(json, upload);
            json.WriteEndArray();
            json.WriteEndObject();
        }));
        routes.MapGet("/v1/files/{id}", (string id, Uploads uploads) =>
            uploads.Find(id) is { } upload ? Answers.Json(json => Write(json, upload)) : _notFound);
        routes.MapDelete("/v1/files/{id}", (string id, Uploads uploads) => uploads.Remove(id) ? Results.NoContent() : _notFound);
    }

    private static async Task<IResult> CreateAsync(HttpContext http, Uploads uploads, TimeProvider time)
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
        await using var stream = content.OpenReadStream();
        var hash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, http.RequestAborted));
        var baseUrl = $"{http.Request.Scheme}://{http.Request.Host}";
        var upload = new Upload(
            PredictionBook.NewId(), content.FileName, content.ContentType, content.Length, hash, metadata, time.GetUtcNow(), baseUrl);
        uploads.Add(upload);
        return Answers.Json(json => Write(json, upload), 201);
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

    private static void Write(Utf8JsonWriter json, Upload upload)
    {
        json.WriteStartObject();
        json.WriteString("id", upload.Id);
        json.WriteString("name", upload.Name);
        json.WriteString("content_type", upload.ContentType);
        json.WriteNumber("size", upload.Size);
        json.WriteString("etag", upload.Sha256[..32]);
        json.WriteStartObject("checksums");
        json.WriteString("sha256", upload.Sha256);
        json.WriteEndObject();
        json.WritePropertyName("metadata");
        json.WriteRawValue(upload.Metadata);
        json.WriteString("created_at", PredictionJson.Text(upload.CreatedAt));
        json.WriteString("expires_at", PredictionJson.Text(Uploads.ExpiryOf(upload)));
        json.WriteStartObject("urls");
        json.WriteString("get", $"{upload.BaseUrl}/v1/files/{upload.Id}");
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
