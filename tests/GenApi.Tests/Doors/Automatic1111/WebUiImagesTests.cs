using GenApi.Tests.Uploads;
using static GenApi.Tests.Uploads.InputPictures;

namespace GenApi.Tests.Doors.Automatic1111;

/// <summary>What a member of the web UI becomes at a model.</summary>
public sealed class WebUiImagesTests
{
    private static readonly byte[] Green = Plain(64, 64);

    [Fact]
    public async Task Each_image_of_a_batch_has_the_next_seed_and_is_a_generation()
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.PostAsync(
            WebUi.Text, new { prompt = "a red fox", seed = "40", batch_size = 2, n_iter = 2, width = 64, height = 64 });
        var third = await app.PostAsync(WebUi.Text, new { prompt = "a red fox", seed = 42, width = 64, height = 64 });

        var info = made.Info();
        Assert.Equal([40, 41, 42, 43], info.GetProperty("all_seeds").EnumerateArray().Select(seed => seed.GetInt32()));
        Assert.Equal(4, info.GetProperty("genapi").GetProperty("generations").EnumerateArray().Distinct().Count());
        Assert.Equal(4, made["images"].GetArrayLength());
        Assert.Equal(made.Picture(2), third.Picture());
        Assert.Equal("GenApi; hit", third.Header("Cache-Status"));
        Assert.Equal(4, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Without_a_seed_the_images_of_a_batch_differ_even_where_any_stored_image_would_do()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Generations:DefaultCache"] = "reuse" });

        var made = await app.PostAsync(
            WebUi.Text, new { prompt = "a red fox", seed = -1, batch_size = 3, width = 64, height = 64 });

        Assert.Equal(3, made["images"].EnumerateArray().Select(image => image.GetString()).Distinct().Count());
    }

    [Fact]
    public async Task A_sampler_becomes_the_one_that_the_model_has()
    {
        await using var app = await GenApiApp.StartAsync();
        foreach (var (sampler, schedule, own) in ((string, string?, string)[])
            [
                ("Euler a", null, "K_EULER_ANCESTRAL"), ("k_euler", "Automatic", "K_EULER"), ("DPM++ 2M", "Karras", "KarrasDPM"),
                ("DPM++ 2M Karras", null, "KarrasDPM"), ("DPM++ 2M", null, "DPMSolverMultistep"),
            ])
        {
            var made = await app.PostAsync(
                WebUi.Text, new { prompt = "a red fox", sampler_name = sampler, scheduler = schedule, width = 64, height = 64 });

            Assert.Equal(own, (await app.SentAsync(made)).GetProperty("scheduler").GetString());
            Assert.Empty(made.Ignored());
            Assert.Equal(sampler, made.Info().GetProperty("sampler_name").GetString());
        }
    }

    [Fact]
    public async Task A_size_becomes_the_nearest_that_the_model_can_make()
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.PostAsync(WebUi.Text, new { prompt = "a red fox", width = 61, height = 64 });

        Assert.Equal("width=64", made.Header("Genapi-Adjusted"));
        Assert.Equal(64, made.Info().GetProperty("width").GetInt32());
    }

    [Fact]
    public async Task White_of_a_mask_is_repainted_and_black_if_it_is_inverted()
    {
        await using var app = await GenApiApp.StartAsync();
        foreach (var (inverted, isLeftKept) in ((int, bool)[])[(0, false), (1, true)])
        {
            var made = await app.PostAsync(WebUi.Image, new
            {
                prompt = "a red fox",
                init_images = new[] { Convert.ToBase64String(Green) },
                mask = Convert.ToBase64String(LeftWhite(64, 64)),
                inpainting_mask_invert = inverted,
                denoising_strength = 0.9,
                mask_blur = 4,
                width = 64,
                height = 64,
            });

            var picture = made.Picture();
            Assert.Equal((isLeftKept, !isLeftKept), (IsPlainAt(picture, 0.25, 0.5), IsPlainAt(picture, 0.75, 0.5)));
            Assert.Equal(["mask_blur"], made.Ignored());
            Assert.Equal(0.9, (await app.SentAsync(made)).GetProperty("prompt_strength").GetDouble());
        }

        // Of a mask with transparency, the opaque part is repainted.
        var opaque = await app.PostAsync(WebUi.Image, new
        {
            prompt = "a red fox",
            init_images = new[] { DataUri(Green) },
            mask = DataUri(DoorPictures.LeftTransparent(64, 64)),
            width = 64,
            height = 64,
        });
        Assert.True(IsPlainAt(opaque.Picture(), 0.25, 0.5));
        Assert.False(IsPlainAt(opaque.Picture(), 0.75, 0.5));
    }

    [Fact]
    public async Task An_image_of_megabytes_needs_no_data_URI_and_is_stored_once()
    {
        await using var app = await GenApiApp.StartAsync();
        var image = Convert.ToBase64String(DoorPictures.Noise(900));
        object Request(string text) => new { prompt = "a red fox", seed = 1, init_images = new[] { text }, width = 64, height = 64 };

        var made = await app.PostAsync(WebUi.Image, Request(image));
        // PHP escapes the slash, and some programs break the lines.
        var slashes = image.Replace("/", "\\/", StringComparison.Ordinal);
        var escaped = $$"""{"prompt":"a red fox","seed":1,"width":64,"height":64,"init_images":["{{slashes}}"]}""";
        var again = await app.PostAsync(WebUi.Image, escaped);

        Assert.True(image.Length > 1 << 20);
        Assert.Equal(made.Picture(), again.Picture());
        Assert.Equal("GenApi; hit", again.Header("Cache-Status"));
        Assert.Equal(2, (await app.BlobsAsync()).Length);
    }

    [Fact]
    public async Task A_model_that_takes_several_images_gets_all_of_them()
    {
        await using var app = await GenApiApp.StartAsync();
        string[] two = [DataUri(Green), DataUri(LeftWhite(64, 64))];

        var made = await app.PostAsync(WebUi.Image, new
        {
            prompt = "a red fox",
            init_images = two,
            override_settings = new { sd_model_checkpoint = "sandbox/collage" },
            width = 64,
            height = 64,
        });
        var refused = await app.PostAsync(WebUi.Image, new { prompt = "a red fox", init_images = two });

        Assert.Equal(2, (await app.SentAsync(made)).GetProperty("image_input").GetArrayLength());
        Assert.Equal(400, refused.Status);
        Assert.Contains("init_images: stability-ai/sdxl takes one image, and 2", refused["detail"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_members_are_inputs_of_the_model_or_are_named()
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.PostAsync(WebUi.Text, new
        {
            prompt = "a red fox",
            refine = "base_image_refiner",
            apply_watermark = false,
            tiling = true,
            styles = new[] { "anime" },
            send_images = true,
            width = 64,
            height = 64,
            wonder = 1,
            override_settings = new { samples_format = "jpg" },
        });
        var without = await app.PostAsync(
            WebUi.Text, new { prompt = "a red fox", seed = 1, width = 64, height = 64, send_images = false });

        var sent = await app.SentAsync(made);
        Assert.Equal("base_image_refiner", sent.GetProperty("refine").GetString());
        Assert.False(sent.GetProperty("apply_watermark").GetBoolean());
        Assert.Equal(["styles", "tiling", "wonder"], made.Ignored());
        Assert.Equal("image/jpeg", DoorPictures.TypeOf(made.Picture()));
        Assert.Equal("a red fox", WebUi.Settings(made.Picture()).Prompt);
        Assert.Equal(0, without["images"].GetArrayLength());
        Assert.NotEqual("", without["info"].GetString());
    }

    [Fact]
    public async Task An_infotext_fills_in_what_the_request_does_not_name()
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.PostAsync(WebUi.Text, new
        {
            infotext = "a red fox\nNegative prompt: blur\nSteps: 12, Sampler: Euler a, CFG scale: 6, Seed: 77, Size: 64x64, Model: any",
            steps = 9,
        });

        var sent = await app.SentAsync(made);
        Assert.Equal(("a red fox", "blur"), (sent.GetProperty("prompt").GetString(), sent.GetProperty("negative_prompt").GetString()));
        Assert.Equal((9, 77), (sent.GetProperty("num_inference_steps").GetInt32(), sent.GetProperty("seed").GetInt32()));
        Assert.Equal((64, "K_EULER_ANCESTRAL"), (sent.GetProperty("width").GetInt32(), sent.GetProperty("scheduler").GetString()));
    }

    /// <summary>The largest decimal becomes a double that is no decimal any more.</summary>
    [Theory]
    [InlineData("79228162514264337593543950335")]
    [InlineData("-79228162514264337593543950335")]
    [InlineData("1001")]
    public async Task Numbers_of_an_infotext_that_no_request_may_have_are_left_out(string number)
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.PostAsync(WebUi.Text, new
        {
            infotext = $"a red fox\nSteps: {number}0, CFG scale: {number}, Seed: {number}, Size: 64x64",
            width = 64,
            height = 64,
        });

        Assert.True(made.Status == 200, made.Text);
        Assert.Empty(made.Info().GetProperty("genapi").GetProperty("adjusted").EnumerateObject());
    }
}
