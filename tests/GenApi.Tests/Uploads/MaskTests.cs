using GenApi.Core.Models.Inputs;
using GenApi.Core.Models.Settings;
using GenApi.Core.Uploads;
using GenApi.Tests.Generations;
using GenApi.Tests.Hosting;
using GenApi.Tests.Images;
using NetVips;
using static GenApi.Tests.Uploads.InputPictures;

namespace GenApi.Tests.Uploads;

/// <summary>White means "paint here", whatever the model means by it.</summary>
public sealed class MaskTests
{
    private const string Ideogram = "ideogram-ai/ideogram-v2";

    public static TheoryData<string, MaskColour?> Descriptions => new()
    {
        // as written by models' authors
        { "A black and white image. Black pixels are inpainted, white pixels are preserved. "
            + "The mask will be resized to match the image size.",
            MaskColour.Black },
        { "Black and white image to use as mask for inpainting over init_image. "
            + "Black pixels are inpainted and white pixels are preserved. Experimental feature",
            MaskColour.Black },
        { "Input mask for inpaint mode. Black areas will be preserved, white areas will be inpainted.", MaskColour.White },
        { "Black and white image to use as mask for inpainting over the image provided. "
            + "White pixels are inpainted and black pixels are preserved.",
            MaskColour.White },
        { "A black-and-white image that describes the part of the image to inpaint. "
            + "Black areas will be preserved while white areas will be inpainted.",
            MaskColour.White },
        { "Black areas are repainted, white ones stay", MaskColour.Black },
        { "Inpainting mask: black areas stay, white ones are repainted", MaskColour.White },
        { "White pixels will not be edited, black ones are filled", MaskColour.Black },
        { "Mask image to mark areas that should be preserved during upscaling", null },
        { "A mask", null },
        { "", null },
    };

    [Theory]
    [MemberData(nameof(Descriptions))]
    public void The_colour_that_is_painted_is_read_from_the_models_own_words(string description, MaskColour? painted) =>
        Assert.Equal(painted, MaskPolarity.Read(description));

    [Theory]
    [InlineData("stability-ai/sdxl", true)]
    [InlineData(Ideogram, true)]
    [InlineData("stability-ai/sdxl", false)]
    [InlineData(Ideogram, false)]
    public async Task White_of_the_common_mask_is_painted_by_every_model(string model, bool asDataUri)
    {
        await using var app = await GenApiApp.StartAsync();
        var image = (await app.UploadAsync(Plain(64, 64))).Id;
        var mask = asDataUri ? DataUri(LeftWhite(64, 64)) : (await app.UploadAsync(LeftWhite(64, 64))).Id;

        var made = await app.GenerateAsync(Body(model, new { prompt = "a red fox", model, seed = 1, image, mask }));

        await Requests.AssertWholeAsync(app, made);
        var picture = (await app.GetAsync(made.ImageUrl().PathAndQuery)).Body;
        Assert.False(IsPlainAt(picture, 0.25, 0.5));
        Assert.True(IsPlainAt(picture, 0.75, 0.5));
    }

    [Fact]
    public async Task The_models_own_mask_means_what_the_model_means_and_the_row_tells_what_was_sent()
    {
        await using var app = await GenApiApp.StartAsync();
        var image = (await app.UploadAsync(Plain(64, 64))).Id;
        var mask = (await app.UploadAsync(LeftWhite(64, 64))).Id;

        var common = await app.GenerateAsync(Body(Ideogram, new { prompt = "a red fox", model = Ideogram, seed = 1, image, mask }));
        var own = await app.GenerateAsync(
            Body(Ideogram, new { prompt = "a red fox", model = Ideogram, seed = 1, image, input = new { mask } }));
        var again = await app.GenerateAsync(new { model = Ideogram, input = common["input"] });

        Assert.Equal(mask, own["input", "mask"].GetString());
        var picture = (await app.GetAsync(own.ImageUrl().PathAndQuery)).Body;
        Assert.True(IsPlainAt(picture, 0.25, 0.5));
        Assert.False(IsPlainAt(picture, 0.75, 0.5));
        // The inverse was sent, so the row names it: sent again by the model's own name it means the same.
        Assert.NotEqual(mask, common["input", "mask"].GetString());
        Assert.NotEqual(common.Id, own.Id);
        Assert.Equal(("GenApi; hit", common.Id), (again.Header("Cache-Status"), again.Id));
        var inverse = await app.GetAsync($"/uploads/{common["input", "mask"].GetString()}");
        Assert.Equal(Sha256(MaskPixels.Invert(LeftWhite(64, 64))), inverse["sha256"].GetString());
    }

    [Fact]
    public async Task The_same_mask_is_inverted_once_and_is_the_same_request()
    {
        await using var app = await GenApiApp.StartAsync();
        var bytes = LeftWhite(64, 64);
        var image = (await app.UploadAsync(Plain(64, 64))).Id;
        object Request(string mask) => Body(Ideogram, new { prompt = "a red fox", model = Ideogram, seed = 1, image, mask });
        var made = await app.GenerateAsync(Request((await app.UploadAsync(bytes)).Id));

        var byData = await app.GenerateAsync(Request(DataUri(bytes)));
        await app.RestartAsync();
        var afterRestart = await app.GenerateAsync(Request(DataUri(bytes)));

        Assert.Equal([made.Id, made.Id], [byData.Id, afterRestart.Id]);
        Assert.Equal(2, app.Sandbox.Stats.UploadedFiles.Count);
        Assert.Equal(3, (await app.BlobsAsync()).Length - 1);
    }

    [Fact]
    public async Task A_mask_by_URL_is_refused_for_such_a_model_with_what_to_do()
    {
        await using var app = await GenApiApp.StartAsync();

        var refused = await app.GenerateAsync(
            new { prompt = "a", model = Ideogram, image = "https://example.com/a.png", mask = "https://example.com/m.png" });
        var own = await app.GenerateAsync(
            Body(
                Ideogram,
                new
                {
                    prompt = "a",
                    model = Ideogram,
                    image = "https://example.com/a.png",
                    input = new { mask = "https://example.com/m.png" },
                }));
        var white = await app.GenerateAsync(
            Body(
                "sdxl",
                new { prompt = "a", model = "sdxl", seed = 1, image = "https://example.com/a.png", mask = "https://example.com/m.png" }));

        BadInputTests.AssertProblem(refused, 422, "invalid_input");
        var sentence = refused["errors", "$.mask"][0].GetString()!;
        Assert.Contains("POST /uploads", sentence, StringComparison.Ordinal);
        Assert.Contains("$.input.mask", sentence, StringComparison.Ordinal);
        await Requests.AssertWholeAsync(app, own);
        await Requests.AssertWholeAsync(app, white);
    }

    [Fact]
    public async Task Both_names_at_once_contradict_each_other_where_they_mean_different_things()
    {
        await using var app = await GenApiApp.StartAsync();
        var mask = (await app.UploadAsync(LeftWhite(64, 64))).Id;

        var black = await app.GenerateAsync(new { prompt = "a", model = Ideogram, mask, input = new { mask } });
        var white = await app.GenerateAsync(
            new { prompt = "a", model = "sdxl", seed = 1, width = 64, height = 64, image = mask, mask, input = new { mask } });

        BadInputTests.AssertProblem(black, 400, "invalid_request");
        Assert.Contains("contradicts", black["errors", "$.mask"][0].GetString(), StringComparison.Ordinal);
        await Requests.AssertWholeAsync(app, white);
    }

    [Fact]
    public async Task The_operator_has_the_last_word()
    {
        await using var app = await GenApiApp.StartAsync(new()
        {
            ["Models:Aliases:odd:Model"] = "stability-ai/sdxl",
            ["Models:Aliases:odd:MaskRepaints"] = "black",
            ["Models:Aliases:ideogram:Model"] = Ideogram,
            ["Models:Aliases:ideogram:MaskRepaints"] = "white",
        });
        var image = (await app.UploadAsync(Plain(64, 64))).Id;
        var mask = (await app.UploadAsync(LeftWhite(64, 64))).Id;

        await app.GenerateAsync(Body("odd", new { prompt = "a", model = "odd", seed = 1, image, mask }));
        await app.GenerateAsync(Body("sdxl", new { prompt = "a", model = "sdxl", seed = 2, image, mask }));
        await app.GenerateAsync(Body(Ideogram, new { prompt = "a", model = Ideogram, seed = 3, image, mask }));

        var sent = app.Sandbox.Stats.UploadedFiles.ToDictionary(file => $"{app.Sandbox.BaseUrl}v1/files/{file.Id}", file => file.Sha256);
        var inverse = Sha256(MaskPixels.Invert(LeftWhite(64, 64)));
        Assert.Equal(
            [inverse, inverse, Sha256(LeftWhite(64, 64))],
            Enumerable.Range(0, 3).Select(creation => sent[InputFileTests.Sent(app, creation).GetProperty("mask").GetString()!]));
    }

    [Theory]
    [InlineData("data:image/png;base64,aGVsbG8gd29ybGQ=", "not an image")]
    [InlineData("upl_01knf4sgd2e4y8c25mgcv9w4c1", "there is no upload")]
    public async Task A_mask_that_can_not_be_inverted_is_422_by_its_name(string mask, string word)
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GenerateAsync(new { prompt = "a", model = Ideogram, image = "https://example.com/a.png", mask });

        BadInputTests.AssertProblem(answer, 422, "invalid_input");
        Assert.Contains(word, answer["errors", "$.mask"][0].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Inverting_keeps_greys_and_takes_transparency_for_black()
    {
        using var black = Image.Black(2, 1).Cast(Enums.BandFormat.Uchar);
        using var grey = black.Linear([1.0], [60.0]).Cast(Enums.BandFormat.Uchar);
        using var seeThrough = black.Linear([1.0], [255.0]).Cast(Enums.BandFormat.Uchar).Bandjoin(black);

        Assert.Equal(195, Pixel(MaskPixels.Invert(grey.PngsaveBuffer())));
        Assert.Equal(255, Pixel(MaskPixels.Invert(seeThrough.PngsaveBuffer())));
        Assert.Throws<GenApi.Core.Errors.GenApiException>(() => MaskPixels.Invert(Pictures.Png(50, 50)[..900]));

        static double Pixel(byte[] png)
        {
            using var image = Image.NewFromBuffer(png);
            Assert.Equal(1, image.Bands);
            return image.Getpoint(0, 0)[0];
        }
    }

    /// <summary>The smallest size that the model accepts.</summary>
    private static Dictionary<string, object?> Body(string model, object request)
    {
        var body = request.GetType().GetProperties().ToDictionary(property => property.Name, property => property.GetValue(request));
        if (model == Ideogram)
            body["input"] = new Dictionary<string, object?> { ["resolution"] = "640x1024" }
                .Concat(
                    (
                        body.GetValueOrDefault("input") is { } own
                            ? own.GetType().GetProperties().Select(each => KeyValuePair.Create(each.Name, each.GetValue(own)))
                            : [])!)
                .ToDictionary();
        else
            (body["width"], body["height"]) = (64, 64);
        return body;
    }
}
