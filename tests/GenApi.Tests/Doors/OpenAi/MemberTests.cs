using System.Text.Json;
using GenApi.Sandbox.Control;

namespace GenApi.Tests.Doors.OpenAi;

/// <summary>Tests that each member of a request takes effect, is refused by name, or is listed as ignored.</summary>
public sealed class MemberTests(DoorHouse house) : IClassFixture<DoorHouse>
{
    [Fact]
    public async Task Hints_without_an_input_of_the_model_are_listed_and_never_refused()
    {
        var app = house.App;

        var made = await app.ImagesAsync(new
        {
            model = "gpt-image-1",
            prompt = "a fox",
            quality = "auto",
            style = "vivid",
            background = "auto",
            moderation = "low",
            input_fidelity = "high",
            partial_images = 2,
            made_up = true,
            user = "Big-AGI",
            stream = false,
            n = 1,
            size = "auto",
            width = 256,
            height = 256,
            negative_prompt = (string?)null,
        });

        Assert.Equal(
            ["background", "input_fidelity", "made_up", "moderation", "partial_images", "quality", "style"],
            made.Header("Genapi-Ignored")!.Split(", ").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_hint_that_the_model_has_an_input_for_is_mapped()
    {
        var app = house.App;

        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails) { Count = 1 });
        var mapped = await app.PostAsync(
            ImagesDoor.Path, new { model = "recraft-ai/recraft-v3", prompt = "a fox", style = "digital_illustration" });
        var unknown = await app.ImagesAsync(new { model = "recraft-ai/recraft-v3", prompt = "a fox", style = "vivid" });

        var generation = await app.GetAsync($"/generations/{mapped["error", "generation_id"].GetString()}");
        Assert.Equal("digital_illustration", generation["input", "style"].GetString());
        Assert.Equal("style", unknown.Header("Genapi-Ignored"));
    }

    [Fact]
    public async Task Members_of_other_APIs_go_through_the_common_names()
    {
        var app = house.App;

        var made = await app.ImagesAsync(new
        {
            model = "sdxl",
            prompt = "a fox",
            seed = 5,
            steps = 7,
            cfg = 3.5,
            width = 128,
            height = 64,
            negative_prompt = "blur",
            scheduler = "DDIM",
            input = new { apply_watermark = false },
        });
        var other = await app.ImagesAsync(
            new { model = "flux-schnell", prompt = "a fox", aspectRatio = "16:9", cfg = 2, input = new { megapixels = "0.25" } });

        var input = await app.InputAsync(made);
        var expected = JsonElement.Parse(
            """
            {
              "prompt": "a fox", "negative_prompt": "blur", "width": 128, "height": 64, "num_outputs": 1, "scheduler": "DDIM",
              "num_inference_steps": 7, "guidance_scale": 3.5, "seed": 5, "apply_watermark": false
            }
            """);
        Assert.True(JsonElement.DeepEquals(expected, input), input.ToString());
        Assert.Null(made.Header("Genapi-Ignored"));
        Assert.Equal("16:9", (await app.InputAsync(other)).GetProperty("aspect_ratio").GetString());
        Assert.Equal("cfg", other.Header("Genapi-Ignored"));
    }

    [Theory]
    [InlineData("flux-1.1-pro", "1792x1024", """{"aspect_ratio":"custom","width":1440,"height":824}""")]
    [InlineData("flux-1.1-pro", "1024x1024", """{"aspect_ratio":"custom","width":1024,"height":1024}""")]
    [InlineData("flux-1.1-pro", "128x128", """{"aspect_ratio":"custom","width":256,"height":256}""")]
    [InlineData("flux-schnell", "1024x1792", """{"aspect_ratio":"9:16","megapixels":"1"}""")]
    [InlineData("flux-schnell", "256x256", """{"aspect_ratio":"1:1","megapixels":"0.25"}""")]
    [InlineData("sdxl", "1792x1024", """{"width":1792,"height":1024}""")]
    [InlineData("sdxl", "100x100", """{"width":96,"height":96}""")]
    [InlineData("sd", "1024x1792", """{"height":1024,"width":576}""")]
    [InlineData("sdxl", "16:9", """{"width":1344,"height":768}""")]
    [InlineData("recraft-ai/recraft-v3", "1792x1024", """{"size":"1820x1024"}""")]
    public async Task A_size_is_fitted_to_the_model(string model, string size, string sides)
    {
        var app = house.App;
        // Large images take a second to paint.
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails) { Count = 1 });

        var failed = await app.PostAsync(ImagesDoor.Path, new { model, prompt = "a fox", size });

        var input = (await app.GetAsync($"/generations/{failed["error", "generation_id"].GetString()}"))["input"];
        foreach (var side in JsonElement.Parse(sides).EnumerateObject())
            Assert.Equal(side.Value.ToString(), input.GetProperty(side.Name).ToString());
    }

    [Fact]
    public async Task The_answer_says_the_size_of_the_image()
    {
        var app = house.App;

        var made = await app.ImagesAsync(new { model = "flux-1.1-pro", prompt = "a fox", size = "128x128" });

        var image = (await app.GetAsync($"/generations/{made.Generations()[0]}"))["images"][0];
        Assert.Equal("256x256", made["size"].GetString());
        Assert.Equal($"{image.GetProperty("width")}x{image.GetProperty("height")}", made["size"].GetString());
    }

    [Theory]
    [InlineData("""{"prompt":""}""", "prompt")]
    [InlineData("""{"prompt":5}""", "prompt")]
    [InlineData("""{"model":"sdxl"}""", "prompt")]
    [InlineData("""{"prompt":"a fox","n":0}""", "n")]
    [InlineData("""{"prompt":"a fox","n":33}""", "n")]
    [InlineData("""{"prompt":"a fox","n":1.5}""", "n")]
    [InlineData("""{"prompt":"a fox","n":"many"}""", "n")]
    [InlineData("""{"prompt":"a fox","n":2,"num_outputs":3}""", "num_outputs")]
    [InlineData("""{"prompt":"a fox","size":"big"}""", "size")]
    [InlineData("""{"prompt":"a fox","size":"99999x1"}""", "size")]
    [InlineData("""{"prompt":"a fox","size":"64x64","width":128}""", "width")]
    [InlineData("""{"prompt":"a fox","response_format":"base64"}""", "response_format")]
    [InlineData("""{"prompt":"a fox","output_format":"tiff"}""", "output_format")]
    [InlineData("""{"prompt":"a fox","output_compression":101}""", "output_compression")]
    [InlineData("""{"prompt":"a fox","output_compression":50}""", "output_compression")]
    [InlineData("""{"prompt":"a fox","background":"transparent"}""", "background")]
    [InlineData("""{"prompt":"a fox","stream":"perhaps"}""", "stream")]
    [InlineData("""{"prompt":"a fox","partial_images":4}""", "partial_images")]
    [InlineData("""{"prompt":"a fox","cfg":99}""", "cfg")]
    [InlineData("""{"prompt":"a fox","num_inference_steps":9999}""", "num_inference_steps")]
    [InlineData("""{"prompt":"a fox","input":{"scheduler":"none"}}""", "input.scheduler")]
    [InlineData("""{"prompt":"a fox","input":5}""", "input")]
    [InlineData("""{"prompt":"a fox","cache":"never"}""", "cache")]
    [InlineData("""{"prompt":"a fox","prompt":"a dog"}""", "prompt")]
    [InlineData("""{"prompt":"a fox","model":7}""", "model")]
    [InlineData("""{"prompt":"a fox","user":7}""", "user")]
    public async Task A_member_that_is_wrong_is_refused_by_its_name_before_anything_is_paid(string body, string param)
    {
        var app = house.App;

        var creations = app.Sandbox.Stats.Creations;

        var refused = await app.PostAsync(ImagesDoor.Path, body);

        Assert.Equal(400, refused.Status);
        Assert.Equal("invalid_request_error", refused["error", "type"].GetString());
        Assert.Equal(param, refused["error", "param"].GetString());
        Assert.Contains(param, refused["error", "message"].GetString(), StringComparison.Ordinal);
        Assert.Equal(creations, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Numbers_and_flags_may_be_texts()
    {
        var app = house.App;

        var made = await app.ImagesAsync(new { model = "sdxl", prompt = "a fox", n = "2", size = "64x64", stream = "false" });

        Assert.Equal(2, made.Data().Count);
    }
}
