using System.Net.Mime;
using System.Text;
using GenApi.Sandbox.Control;
using GenApi.Sandbox.Predictions;
using Microsoft.Net.Http.Headers;

namespace GenApi.Sandbox.Http;

/// <summary>Serves output files. Anyone who has the link may fetch one for an hour, without a token.</summary>
internal static class OutputEndpoints
{
    private const int OversizedBytes = 256 * 1024 * 1024;

    public static void MapOutputs(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/files/{key}/{name}", ["GET", "HEAD"], OpenAsync);

    private static async Task<IResult> OpenAsync(
        string key, HttpContext http, OutputFiles files, Faults faults, SandboxStats stats, TimeProvider time)
    {
        var headers = http.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString());
        stats.Downloaded(new(http.Request.Path, headers, time.GetUtcNow()));
        var (picture, sample) = (files.Find(key), files.FindSample(key));
        if ((picture?.Model ?? sample?.Model) is not { } model)
            return new BodyAnswer(404, "Not Found"u8.ToArray(), MediaTypeNames.Text.Plain);
        var fault = faults.Matching(model, FaultKind.FileCut, FaultKind.FileReset).FirstOrDefault(f => f.TryUse());
        http.Response.Headers.CacheControl = "public, max-age=3600";
        http.Response.Headers.AccessControlAllowOrigin = "*";
        if (fault is not null && Refusal(http, fault) is { } refusal)
            return refusal;
        var bytes = picture is null ? null : await files.BytesAsync(picture);
        var (content, type) = (bytes?.Content ?? sample!.Value.Sample.Content, picture?.ContentType ?? sample!.Value.Sample.ContentType);
        return fault is not null
            ? new Spoiled(fault, type, picture?.Prompt, content, time)
            : Results.Bytes(
                content, type, enableRangeProcessing: true, entityTag: bytes is null ? null : new EntityTagHeaderValue(bytes.ETag));
    }

    private static IResult? Refusal(HttpContext http, Fault fault) => fault.Kind switch
    {
        FaultKind.FileVanished => new BodyAnswer(404, "Not Found"u8.ToArray(), MediaTypeNames.Text.Plain),
        FaultKind.FileUnavailable => new BodyAnswer(fault.Status ?? 503, "Service Unavailable"u8.ToArray(), MediaTypeNames.Text.Plain),
        FaultKind.FileReset => new ResetAnswer(),
        FaultKind.FileRedirect => Results.Redirect(fault.Text ?? $"{http.Request.Scheme}://{http.Request.Host}{http.Request.Path}"),
        _ => null,
    };

    /// <summary>An answer whose beginning is good.</summary>
    private sealed record Spoiled(Fault Fault, string ContentType, string? Prompt, byte[] Content, TimeProvider Time) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            var ct = httpContext.RequestAborted;
            response.ContentType = Fault.Kind == FaultKind.FileWrongType ? Fault.Text ?? MediaTypeNames.Text.Plain : ContentType;
            var half = Content.Length / 2;
            switch (Fault.Kind)
            {
                case FaultKind.FileCut:
                    // Sending less than promised makes the server close the connection. A reset would overtake the half that was sent.
                    response.ContentLength = Content.Length;
                    await response.Body.WriteAsync(Content.AsMemory(0, half), ct);
                    break;
                case FaultKind.FileCorrupt:
                    var words = Encoding.UTF8.GetBytes(Fault.Text ?? "These are not the bytes you are looking for. " + Prompt);
                    response.ContentLength = words.Length;
                    await response.Body.WriteAsync(words, ct);
                    break;
                case FaultKind.FileOversized:
                    await WriteEndlesslyAsync(response, Fault.Count ?? OversizedBytes, ct);
                    break;
                case FaultKind.FileSlow:
                    response.ContentLength = Content.Length;
                    await response.Body.WriteAsync(Content.AsMemory(0, half), ct);
                    await response.Body.FlushAsync(ct);
                    await Fault.HoldAsync(Time, ct);
                    await response.Body.WriteAsync(Content.AsMemory(half), ct);
                    break;
                case FaultKind.FileChunked:
                    await response.Body.WriteAsync(Content.AsMemory(0, half), ct);
                    await response.Body.FlushAsync(ct);
                    await response.Body.WriteAsync(Content.AsMemory(half), ct);
                    break;
                default:
                    response.ContentLength = Content.Length;
                    await response.Body.WriteAsync(Content, ct);
                    break;
            }
        }

        /// <summary>Sends the picture first, so that the first bytes are right, and then padding.</summary>
        private async Task WriteEndlesslyAsync(HttpResponse response, long length, CancellationToken ct)
        {
            var filling = new byte[64 * 1024];
            await response.Body.WriteAsync(Content.AsMemory(0, (int)Math.Min(length, Content.Length)), ct);
            for (var left = length - Content.Length; left > 0; left -= filling.Length)
                await response.Body.WriteAsync(filling.AsMemory(0, (int)Math.Min(left, filling.Length)), ct);
        }
    }
}
