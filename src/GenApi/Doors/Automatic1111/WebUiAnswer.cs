using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using GenApi.Core.Blobs;
using GenApi.Core.Errors;
using GenApi.Core.Generations;
using GenApi.Core.Images;
using GenApi.Core.Images.Conversion;
using GenApi.Core.Images.Metadata;
using GenApi.Hosting;

namespace GenApi.Doors.Automatic1111;

/// <summary>
/// Writes images as the web UI does: base64 with the settings inside each image. One image at a time is in memory.
/// </summary>
internal sealed class WebUiAnswer(DoorImages images, EmbeddedCopies copies)
{
    /// <summary>The header that lists the members that got another value.</summary>
    public const string AdjustedHeader = "Genapi-Adjusted";

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="GenApiException">An image can't be read or converted. It names the generation.</exception>
    public async Task WriteAsync(
        HttpContext context, WebUiRequest request, WebUiInputs inputs, string model, DoorOutcome outcome)
    {
        List<Made> made = [.. outcome.Ends.SelectMany(end => end.Images.Select(image => Made.Of(end.Details!.Generation, image)))];
        var open = new List<DoorImage>();
        try
        {
            // Before the answer begins, since an image that can't be converted is a problem and not half an answer.
            var format = new DoorFormat(FormatOf(request.Format));
            foreach (var each in request.SendsImages ? made : [])
                open.Add(await images.OpenAsync(each.Image, format, context.RequestAborted));
            WriteHeaders(context.Response, inputs);
            var rest = Rest(request, inputs, model, made, outcome);
            context.Response.ContentType = "application/json";
            await context.Response.StartAsync();
            await WriteBodyAsync(context, made, open, rest);
        }
        finally
        {
            open.ForEach(each => each.Dispose());
        }
    }

    private async Task WriteBodyAsync(HttpContext context, List<Made> made, List<DoorImage> open, ReadOnlyMemory<byte> rest)
    {
        var writer = context.Response.BodyWriter;
        writer.Write("{\"images\":["u8);
        for (var at = 0; at < open.Count; at++)
        {
            writer.Write(at == 0 ? "\""u8 : ",\""u8);
            if (!await WriteImageAsync(context, open[at].Content, made[at].Settings))
                return;
            writer.Write("\""u8);
        }
        writer.Write(rest.Span);
        await writer.FlushAsync();
    }

    private async Task<bool> WriteImageAsync(HttpContext context, BlobContent content, EmbeddedSettings settings)
    {
        using var copy = await TryCopyAsync(content, settings, context.RequestAborted);
        if (copy is null)
            return await Base64Body.WriteAsync(context, content);
        using var bytes = new MemoryContent(copy.Bytes);
        // Written out before the copy is given back: the encoder leaves nothing behind in it.
        return await Base64Body.WriteAsync(context, bytes);
    }

    /// <returns>
    /// Null if there is no memory for a copy, or its format can't carry settings. The image is paid for, and <c>info</c> has the settings.
    /// </returns>
    private async Task<EmbeddedCopy?> TryCopyAsync(BlobContent content, EmbeddedSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await copies.MakeAsync(content, settings, cancellationToken);
        }
        catch (GenApiException failure) when (failure.Kind is ErrorKind.ImageNotConvertible or ErrorKind.Overloaded)
        {
            return null;
        }
    }

    private static void WriteHeaders(HttpResponse response, WebUiInputs inputs)
    {
        response.Headers.CacheControl = "no-store";
        inputs.Input.WriteIgnored(response);
        if (inputs.Adjusted.Count > 0)
            response.Headers[AdjustedHeader] = string.Join(", ", inputs.Adjusted.Select(each => $"{each.Key}={each.Value}"));
    }

    /// <summary>Writes everything behind the images.</summary>
    private static ReadOnlyMemory<byte> Rest(
        WebUiRequest request, WebUiInputs inputs, string model, List<Made> made, DoorOutcome outcome)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        buffer.Write("],\"parameters\":"u8);
        using (var json = new Utf8JsonWriter(buffer, Options))
            JsonSerializer.Serialize(json, ParametersOf(request, model), WebUiJsonContext.Answers.WebUiParameters);
        buffer.Write(",\"info\":"u8);
        var info = JsonSerializer.SerializeToUtf8Bytes(InfoOf(request, inputs, model, made, outcome), WebUiJsonContext.Answers.WebUiInfo);
        using (var json = new Utf8JsonWriter(buffer, Options))
            json.WriteStringValue(info);
        buffer.Write("}"u8);
        return buffer.WrittenMemory;
    }

    private static WebUiParameters ParametersOf(WebUiRequest request, string model) => new()
    {
        Prompt = request.Prompt ?? "",
        NegativePrompt = request.NegativePrompt ?? "",
        Seed = request.Seed ?? -1,
        Steps = request.Steps,
        CfgScale = request.Guidance,
        Width = request.Width,
        Height = request.Height,
        BatchSize = request.BatchSize,
        NIter = request.Iterations,
        SamplerName = request.Sampler,
        Scheduler = request.Scheduler,
        DenoisingStrength = request.DenoisingStrength,
        OverrideSettings = new Dictionary<string, string> { ["sd_model_checkpoint"] = model },
        SendImages = request.SendsImages,
    };

    private static WebUiInfo InfoOf(WebUiRequest request, WebUiInputs inputs, string model, List<Made> made, DoorOutcome outcome)
    {
        var first = made[0].Settings;
        return new()
        {
            Prompt = first.Prompt,
            AllPrompts = made.ConvertAll(each => each.Settings.Prompt),
            NegativePrompt = first.NegativePrompt ?? "",
            AllNegativePrompts = made.ConvertAll(each => each.Settings.NegativePrompt ?? ""),
            Seed = first.Seed ?? -1,
            AllSeeds = made.ConvertAll(each => each.Settings.Seed ?? -1),
            AllSubseeds = made.ConvertAll(_ => -1L),
            Width = first.Width ?? 0,
            Height = first.Height ?? 0,
            SamplerName = request.Sampler is not null && !inputs.Input.Ignored.Contains("sampler_name") ? request.Sampler : null,
            CfgScale = first.Guidance,
            Steps = first.Steps,
            BatchSize = request.BatchSize,
            SdModelName = model,
            SdModelHash = HashOf(first.Version),
            DenoisingStrength = inputs.Input.Ignored.Contains("denoising_strength") ? null : request.DenoisingStrength,
            Infotexts = made.ConvertAll(each => SettingsText.Of(each.Settings)),
            JobTimestamp = first.CreatedAt.UtcDateTime.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture),
            Version = $"GenApi {ProgramVersion.Text}",
            Genapi = new(
                made.ConvertAll(each => each.Settings.GenerationId), inputs.Input.Ignored, inputs.Adjusted,
                [.. outcome.Failures.Select(failure => failure.Message)]),
        };
    }

    /// <summary>Returns the short hash of a version, of which the web UI shows ten digits.</summary>
    public static string? HashOf(string? version) => version is { Length: > 10 } ? version[..10] : version;

    private static VariantFormat FormatOf(string format) => format switch
    {
        "jpeg" => VariantFormat.Jpeg,
        "webp" => VariantFormat.Webp,
        _ => VariantFormat.Png,
    };

    /// <summary>An image and what is written into it.</summary>
    private sealed record Made(StoredImage Image, EmbeddedSettings Settings)
    {
        public static Made Of(Generation generation, StoredImage image) => new(image, GenerationSettings.Of(generation, image));
    }
}
