using System.Text.Json;
using GenApi.Core.Errors;
using GenApi.Core.Images.Metadata.Reading;
using GenApi.Core.Uploads;
using GenApi.Hosting;
using GenApi.Hosting.Requests;

namespace GenApi.Doors.Automatic1111;

/// <summary>Reads the settings in an image. It stores nothing and starts no run.</summary>
internal sealed class PngInfoEndpoint(PictureReader reader)
{
    private const string Path = "image", Size = "Size";

    private static readonly Dictionary<string, string> NoItems = [];

    public async Task ReadAsync(HttpContext context)
    {
        var body = await JsonBody.ReadAsync(context.Request, JsonBody.MostBytes, hasBareFiles: true, context.RequestAborted);
        var settings = await SettingsAsync(ImageOf(body), context.RequestAborted);
        var answer = new WebUiPngInfo(settings?.Text ?? "", NoItems, ParametersOf(settings));
        var json = JsonSerializer.SerializeToUtf8Bytes(answer, WebUiJsonContext.Answers.WebUiPngInfo);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }

    private static byte[] ImageOf(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, "$", "the body must be a JSON object.");
        var errors = new MemberErrors();
        JsonTexts.Check(body, errors);
        errors.ThrowIfAny();
        return body.TryGetProperty("image", out var image) && image.ValueKind == JsonValueKind.String
            ? DoorFiles.Decode(Path, image)
            : throw GenApiException.ForMember(ErrorKind.InvalidRequest, Path, "is missing: send the image as base64 or as a data URI.");
    }

    private async Task<PictureSettings?> SettingsAsync(byte[] image, CancellationToken cancellationToken)
    {
        try
        {
            using var content = new MemoryStream(image, writable: false);
            return await reader.ReadAsync(content, cancellationToken);
        }
        catch (GenApiException fault) when (fault.Kind == ErrorKind.UnsupportedMediaType)
        {
            throw GenApiException.ForMember(ErrorKind.InvalidRequest, Path, $"must be an image. {fault.Message}");
        }
    }

    /// <summary>The web UI has the sides of an image apart.</summary>
    private static Dictionary<string, JsonElement> ParametersOf(PictureSettings? settings)
    {
        var parameters = new Dictionary<string, JsonElement>(settings?.Named ?? new Dictionary<string, JsonElement>());
        if (parameters.TryGetValue(Size, out var size) && size.ValueKind == JsonValueKind.String
            && size.GetString()!.Split('x') is [var width, var height])
        {
            parameters[$"{Size}-1"] = JsonSerializer.SerializeToElement(width, WebUiJsonContext.Answers.String);
            parameters[$"{Size}-2"] = JsonSerializer.SerializeToElement(height, WebUiJsonContext.Answers.String);
        }
        return parameters;
    }
}
