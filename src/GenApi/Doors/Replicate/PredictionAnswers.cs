using System.Text.RegularExpressions;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Hosting;
using Microsoft.Extensions.Options;

namespace GenApi.Doors.Replicate;

/// <summary>
/// Answers with a prediction. Over plain http its output goes as data URIs to clients that make file objects only from https: and data:
/// addresses, as far as it is small.
/// </summary>
internal sealed partial class PredictionAnswers(PredictionJson predictions, DoorImages images, IOptions<ReplicateDoorOptions> options)
{
    private readonly long _mostInline = options.Value.InlineBytes;

    /// <exception cref="OperationCanceledException">The caller has left.</exception>
    public async Task WriteAsync(
        HttpContext context, int status, GenerationDetails details, NewPredictionNotes? notes = null, bool isLeft = false)
    {
        using var body = new DoorBody();
        var baseUrl = CallerAddress.Of(context.Request);
        var inline = IsInline(context.Request, details) ? await OpenAsync(details, context.RequestAborted) : null;
        if (inline is null)
            predictions.Write(body.Json, details, PredictionView.Full, baseUrl, notes, isLeft: isLeft);
        else
        {
            // A file appears once in an output, so each content has one owner.
            predictions.Write(body.Json, details, PredictionView.Full, baseUrl, notes, (_, file) =>
                body.WriteDataUri(file.ContentType, inline[file.Id]));
        }
        context.Response.Headers.CacheControl = "no-store";
        await body.WriteAsync(context, status);
    }

    private bool IsInline(HttpRequest request, GenerationDetails details) => _mostInline > 0 && !request.IsHttps
        && PredictionJson.HasOutput(details) && details.Outputs.Count > 0 && details.Outputs.Sum(file => file.Bytes) <= _mostInline
        && OfficialClient().IsMatch(request.Headers.UserAgent.ToString());

    /// <returns>The bytes by the id of their file; null if a file can't be opened, whose link then gives the reason.</returns>
    private async Task<Dictionary<Guid, BlobContent>?> OpenAsync(GenerationDetails details, CancellationToken cancellationToken)
    {
        var opened = new Dictionary<Guid, BlobContent>();
        try
        {
            foreach (var file in details.Outputs)
                opened[file.Id] = (await images.OpenAsync(file, default, cancellationToken)).Content;
            return opened;
        }
        catch (GenApiException)
        {
            Close(opened);
            return null;
        }
        catch (OperationCanceledException)
        {
            Close(opened);
            throw;
        }
    }

    private static void Close(Dictionary<Guid, BlobContent> opened)
    {
        foreach (var content in opened.Values)
            content.Dispose();
    }

    /// <summary>Matches a client of major version 1 or later; earlier ones return addresses as they are.</summary>
    [GeneratedRegex(@"(?:^|\s)replicate-(?:javascript|python)/[1-9]", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OfficialClient();
}
