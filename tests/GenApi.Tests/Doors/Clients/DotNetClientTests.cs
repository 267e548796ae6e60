using System.ClientModel;
using OpenAI;
using OpenAI.Images;
using OpenAI.Models;

namespace GenApi.Tests.Doors.Clients;

#pragma warning disable MEAI001, OPENAI001

/// <summary>NuGet's OpenAI and Microsoft.Extensions.AI.OpenAI, unmodified, on the OpenAI door.</summary>
public sealed class DotNetClientTests(FastClientApp app) : IClassFixture<FastClientApp>
{
    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory, InlineData(DotNetClients.Generate), InlineData(DotNetClients.Edit)]
    [InlineData(DotNetClients.ExtensionsGenerate), InlineData(DotNetClients.ExtensionsEdit)]
    public async Task A_picture_of_the_size_asked_for_arrives(string client)
    {
        var marker = $"dotnet-door-{client.Replace(' ', '-')}";

        var made = await DotNetClients.MakeAsync(client, Client(), marker, app, Ended);

        Assert.Equal((128, 128), Size(made));
        Assert.Equal(1, app.CreationsOf(marker));
    }

    /// <summary>A name of OpenAI's, a count, and links that need no key.</summary>
    [Fact]
    public async Task Two_links_of_a_mapped_name_lead_to_pictures()
    {
        var made = await Client("dall-e-3").GenerateImagesAsync("dotnet-links", 2, cancellationToken: Ended);

        Assert.Equal(2, made.Value.Count);
        Assert.True(made.Value.CreatedAt > DateTimeOffset.UnixEpoch);
        using var anybody = new HttpClient();
        foreach (var image in made.Value)
        {
            Assert.Null(image.ImageBytes);
            using var answer = await anybody.GetAsync(image.ImageUri, Ended);
            Assert.StartsWith("image/", answer.Content.Headers.ContentType!.MediaType, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Options_of_the_client_arrive_or_are_named()
    {
        var options = new ImageGenerationOptions
        {
            Quality = GeneratedImageQuality.High,
            Style = GeneratedImageStyle.Vivid,
            Background = GeneratedImageBackground.Auto,
            ModerationLevel = GeneratedImageModerationLevel.Low,
            OutputFileFormat = GeneratedImageFileFormat.Jpeg,
            OutputCompressionFactor = 70,
            Size = new(128, 128),
            EndUserId = "ann",
        };

        var made = await Client().GenerateImageAsync("dotnet-options", options, Ended);

        Assert.Equal([0xFF, 0xD8], made.Value.ImageBytes.ToArray()[..2]);
        made.GetRawResponse().Headers.TryGetValue("Genapi-Ignored", out var ignored);
        Assert.All(["quality", "style", "moderation"], name => Assert.Contains(name, ignored!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_variation_arrives()
    {
        await using var picture = File.OpenRead(app.Picture);

        var made = await Client().GenerateImageVariationAsync(picture, "picture.png", new() { Size = new(128, 128) }, Ended);

        Assert.Equal("\x89PNG", System.Text.Encoding.Latin1.GetString(made.Value.ImageBytes.ToArray()[..4]));
    }

    [Fact]
    public async Task The_list_of_models_has_the_mapped_names()
    {
        var options = new OpenAIClientOptions { Endpoint = new(app.App.Address, "v1") };
        var client = new OpenAIModelClient(new ApiKeyCredential(app.Key), options);

        var models = await client.GetModelsAsync(Ended);

        Assert.Contains(models.Value, model => model.Id == "gpt-image-1");
        Assert.Contains(models.Value, model => model.Id == "dall-e-3");
    }

    /// <summary>A failed run is not repeated, although this client repeats four times where a status lets it.</summary>
    [Theory, InlineData("sandbox/fails"), InlineData("sandbox/refuses")]
    public async Task A_run_that_fails_is_paid_once_and_says_why(string model)
    {
        var marker = $"dotnet-{model.Replace('/', '-')}";

        var failure = await Assert.ThrowsAsync<ClientResultException>(
            () => Client(model).GenerateImageAsync(marker, cancellationToken: Ended));

        Assert.Equal(400, failure.Status);
        Assert.NotEmpty(failure.Message);
        Assert.Equal(1, app.CreationsOf(marker));
    }

    private ImageClient Client(string model = NodeCases.Sdxl) => DotNetClients.Client(app.App.Address, app.Key, model);

    private static (int Width, int Height) Size(byte[] png) =>
        (System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(16)),
            System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(20)));
}
