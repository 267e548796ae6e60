using System.ClientModel;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Images;

namespace GenApi.Tests.Doors.Clients;

// The image generators of Microsoft.Extensions.AI are still marked as experimental.
#pragma warning disable MEAI001

/// <summary>OpenAI's official .NET client, alone and behind Microsoft.Extensions.AI. It repeats three times, without a marker.</summary>
internal static class DotNetClients
{
    public const string Generate = "generate", Edit = "edit";
    public const string ExtensionsGenerate = "extensions generate", ExtensionsEdit = "extensions edit";

    /// <summary>How often its user starts a client that gave up, besides the client's own tries.</summary>
    public const int MostCalls = 20;

    public static readonly string[] All = [Generate, Edit, ExtensionsGenerate, ExtensionsEdit];

    /// <param name="timeOut">The client's own time limit; null: the default, 100 seconds.</param>
    public static ImageClient Client(Uri address, string key, string model, TimeSpan? timeOut = null) =>
        new(model, new ApiKeyCredential(key), new OpenAIClientOptions { Endpoint = new(address, "v1"), NetworkTimeout = timeOut });

    /// <summary>Makes one picture.</summary>
    public static async Task<byte[]> MakeAsync(
        string name, ImageClient client, string prompt, ClientApp app, CancellationToken cancellationToken)
    {
        var size = new GeneratedImageSize(128, 128);
        switch (name)
        {
            case Generate:
                var made = await client.GenerateImageAsync(prompt, new() { Size = size }, cancellationToken);
                return made.Value.ImageBytes.ToArray();
            case Edit:
                await using (var picture = File.OpenRead(app.Picture))
                {
                    var edited = await client.GenerateImageEditAsync(
                        picture, "picture.png", prompt, new ImageEditOptions { Size = size }, cancellationToken);
                    return edited.Value.ImageBytes.ToArray();
                }
            case ExtensionsGenerate:
                using (var generator = client.AsIImageGenerator())
                    return Bytes(await generator.GenerateImagesAsync(prompt, new() { ImageSize = new(128, 128) }, cancellationToken));
            default:
                using (var generator = client.AsIImageGenerator())
                {
                    var picture = await File.ReadAllBytesAsync(app.Picture, cancellationToken);
                    return Bytes(await generator.EditImageAsync(
                        picture, "picture.png", prompt, new() { ImageSize = new(128, 128) }, cancellationToken));
                }
        }
    }

    private static byte[] Bytes(ImageGenerationResponse response) =>
        Assert.IsType<DataContent>(Assert.Single(response.Contents)).Data.ToArray();
}
