using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Images.Conversion;
using GenApi.Generations;
using GenApi.Images;

namespace GenApi.Doors.OpenAi;

/// <summary>Writes images in the form of the Images API: <c>data</c> with one of <c>url</c> and <c>b64_json</c> for each.</summary>
internal sealed class ImagesAnswers(DoorImages images, DoorLinks links, TimeProvider time)
{
    /// <summary>The header that lists the generations of a call.</summary>
    public const string GenerationsHeader = "Genapi-Generations";

    /// <summary>Answers with every image there is; failures of others are listed.</summary>
    /// <exception cref="GenApiException">No image can be read. It names a generation.</exception>
    public async Task WriteAsync(HttpContext context, DoorOutcome outcome, ImagesShape shape)
    {
        WriteHeaders(context, outcome.Runs);
        var (body, _) = await BodyAsync(context, outcome.Ends, shape, null);
        using (body)
            await body.WriteAsync(context);
    }

    /// <summary>Writes the headers that say which generations a call got, and how.</summary>
    public static void WriteHeaders(HttpContext context, IReadOnlyList<DoorRun> runs)
    {
        var submissions = runs.Select(run => run.Submission).OfType<Submission>().ToList();
        var headers = context.Response.Headers;
        headers[GenerationsHeader] = string.Join(", ", submissions.Select(each => each.Details.Generation.PublicId).Distinct());
        // The answer is as old as its newest part.
        headers[CacheStatusHeader.Name] = CacheStatusHeader.Of(
            submissions.Find(each => each.Outcome != CacheOutcome.Hit) ?? submissions[0]);
        headers.Vary = PreferHeader.Name;
    }

    /// <summary>Builds the body of an answer; the caller disposes it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="ends">The ended runs.</param>
    /// <param name="shape">The form of the answer.</param>
    /// <param name="begin">Writes the first members; null: there are none.</param>
    /// <exception cref="GenApiException">No image can be read. It names a generation.</exception>
    public async Task<(DoorBody Body, IReadOnlyList<GenApiException> Failures)> BodyAsync(
        HttpContext context, IReadOnlyList<DoorEnd> ends, ImagesShape shape, Action<Utf8JsonWriter>? begin)
    {
        var made = ends.SelectMany(end => end.Images).ToList();
        var failures = ends.Select(end => end.Failure).OfType<GenApiException>().ToList();
        var body = new DoorBody();
        try
        {
            var opened = shape.AsUrl ? null : await OpenAsync(made, shape, failures, context.RequestAborted);
            var json = body.Json;
            json.WriteStartObject();
            begin?.Invoke(json);
            json.WriteNumber("created", Created(ends));
            json.WriteStartArray("data");
            foreach (var image in opened ?? [])
            {
                json.WriteStartObject();
                json.WritePropertyName(OpenAiOptions.Base64);
                body.WriteImage(image.Content);
                json.WriteEndObject();
            }
            foreach (var image in opened is null ? made : [])
            {
                json.WriteStartObject();
                json.WriteString(OpenAiOptions.Url, Url(context, image, shape));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (opened is null)
                WriteFacts(json, shape.Format is null ? made[0].ContentType : null, shape, made[0].Width, made[0].Height);
            else
                WriteFacts(json, opened[0].ContentType, shape, opened[0].Width, opened[0].Height);
            WriteUsage(json);
            WriteFailures(json, failures);
            json.WriteEndObject();
            return (body, failures);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    /// <summary>Returns the address of an image in the wanted format.</summary>
    public string Url(HttpContext context, StoredImage image, ImagesShape shape)
    {
        if (shape.Format is not { } format)
            return links.Url(context, image);
        var word = ImagesCallReader.WordOf(format);
        var url = links.Url(context, image, word);
        if (shape.Quality is not { } quality || format == VariantFormat.Png)
            return url;
        // The link itself names a format only if it is not the image's own.
        var own = new DoorFormat(format).IsOf(image.ContentType) ? $"&{DerivedQuery.FormatName}={word}" : "";
        return $"{url}{own}&{DerivedQuery.QualityName}={quality}";
    }

    /// <summary>Opens an image in the wanted format.</summary>
    public ValueTask<DoorImage> OpenAsync(StoredImage image, ImagesShape shape, int? side, CancellationToken cancellationToken) =>
        images.OpenAsync(image, shape.Wanted, side, cancellationToken);

    /// <summary>Returns the moment at which the first image was made, in Unix seconds.</summary>
    public long Created(IReadOnlyList<DoorEnd> ends) =>
        (ends.Select(end => end.Details?.Generation.CompletedAt).FirstOrDefault(at => at is not null) ?? time.GetUtcNow())
            .ToUnixTimeSeconds();

    /// <summary>Writes the format and the size of the images.</summary>
    public static void WriteFacts(Utf8JsonWriter json, string? contentType, ImagesShape shape, int? width, int? height)
    {
        json.WriteString("output_format", contentType is null ? ImagesCallReader.WordOf(shape.Format!.Value) : WordOf(contentType));
        if (width is { } wide && height is { } high)
            json.WriteString("size", $"{wide}x{high}");
    }

    /// <summary>Writes counts of tokens. GenApi counts none, and clients fail without them.</summary>
    public static void WriteUsage(Utf8JsonWriter json)
    {
        json.WriteStartObject("usage");
        foreach (var count in (ReadOnlySpan<string>)["total_tokens", "input_tokens", "output_tokens"])
            json.WriteNumber(count, 0);
        foreach (var details in (ReadOnlySpan<string>)["input_tokens_details", "output_tokens_details"])
        {
            json.WriteStartObject(details);
            json.WriteNumber("text_tokens", 0);
            json.WriteNumber("image_tokens", 0);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    private static string WordOf(string contentType) => contentType switch
    {
        "image/svg+xml" => "svg",
        _ => contentType["image/".Length..],
    };

    private static void WriteFailures(Utf8JsonWriter json, List<GenApiException> failures)
    {
        if (failures.Count == 0)
            return;
        json.WriteStartArray("failures");
        foreach (var failure in failures)
            OpenAiError.Of(failure).Write(json);
        json.WriteEndArray();
    }

    /// <summary>Opens all images; those that can't be read become failures.</summary>
    private async Task<List<DoorImage>> OpenAsync(
        List<StoredImage> made, ImagesShape shape, List<GenApiException> failures, CancellationToken cancellationToken)
    {
        var opened = new List<DoorImage>(made.Count);
        try
        {
            foreach (var image in made)
            {
                try
                {
                    opened.Add(await images.OpenAsync(image, shape.Wanted, cancellationToken));
                }
                catch (GenApiException failure)
                {
                    failures.Add(failure);
                }
            }
            return opened.Count > 0 ? opened : throw failures[0];
        }
        catch
        {
            opened.ForEach(image => image.Dispose());
            throw;
        }
    }
}
