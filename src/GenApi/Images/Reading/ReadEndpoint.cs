using System.Text.Json;
using GenApi.Core.Uploads;
using GenApi.Hosting;
using GenApi.Uploads;

namespace GenApi.Images.Reading;

/// <summary>Reads the settings in a picture that a caller sends. It stores and sends nothing, and costs nothing.</summary>
internal sealed class ReadEndpoint(PictureReader reader)
{
    public async Task ReadAsync(HttpContext context)
    {
        var aborted = context.RequestAborted;
        var settings = await UploadBody.ReadAsync(
            context.Request, file => reader.ReadAsync(file, aborted), static _ => Task.CompletedTask, aborted);
        var (request, notes) = RequestDraft.Of(settings);
        var answer = new ReadSettingsContract
        {
            Source = settings?.Source.ToString().ToLowerInvariant(),
            Request = request,
            Settings = settings?.Named ?? new Dictionary<string, JsonElement>(),
            Notes = notes,
        };
        var json = JsonSerializer.SerializeToUtf8Bytes(answer, ReadingJsonContext.Answers.ReadSettingsContract);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, json);
    }
}
