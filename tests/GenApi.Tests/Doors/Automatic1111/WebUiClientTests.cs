using System.Text.Json.Nodes;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Doors.Automatic1111;

/// <summary>The requests of Open WebUI, SillyTavern and LibreChat, and their way of reading the answers.</summary>
public sealed class WebUiClientTests
{
    [Fact]
    public async Task Open_WebUI_chooses_a_model_and_gets_an_image_with_its_settings()
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("chat");
        var key = WebUi.Basic(secret, "");

        var models = await app.GetAsync("/sdapi/v1/sd-models", key);
        var titles = models.Json.EnumerateArray().Select(each => each.GetProperty("title").GetString()!).ToList();
        var options = JsonNode.Parse((await app.GetAsync(WebUi.Options, key)).Text)!.AsObject();
        Assert.Equal("sdxl", options["sd_model_checkpoint"]!.GetValue<string>());
        options["sd_model_checkpoint"] = titles.Find(title => title == "flux-dev");
        var chosen = await app.PostAsync(WebUi.Options, options.ToJsonString(), key);
        var made = await app.PostAsync(
            WebUi.Text,
            new { prompt = "a red fox", batch_size = 1, width = 512, height = 512, steps = 50, negative_prompt = "blur" }, key);

        Assert.Equal((200, "null"), (chosen.Status, chosen.Text));
        var picture = made.Picture();
        Assert.Equal("image/png", DoorPictures.TypeOf(picture));
        var settings = WebUi.Settings(picture);
        Assert.Equal(("a red fox", "black-forest-labs/flux-dev", 50m), (settings.Prompt, settings.Model, settings.Steps));
        Assert.Equal(["negative_prompt"], made.Ignored());
        Assert.Equal("negative_prompt", made.Header("Genapi-Ignored"));
        var sent = app.Sandbox.Stats.CreationRequests[0].Body;
        Assert.Contains("\"output_format\":\"png\"", sent.Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SillyTavern_gets_an_image_and_reads_what_had_no_effect()
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("chat");
        var key = WebUi.Basic(secret);

        // SillyTavern sends the address and the credentials of the web UI in the body too.
        var made = await app.PostAsync(WebUi.Text, new
        {
            url = app.Address.ToString(),
            auth = $"anyone:{secret}",
            prompt = "a red fox",
            negative_prompt = "blur",
            sampler_name = "DPM++ 2M",
            scheduler = "karras",
            steps = 20,
            cfg_scale = 7,
            width = 512,
            height = 512,
            restore_faces = true,
            enable_hr = false,
            hr_upscaler = "Latent",
            hr_scale = 2,
            hr_additional_modules = Array.Empty<string>(),
            denoising_strength = 0.7,
            hr_second_pass_steps = 0,
            override_settings = new
            {
                CLIP_stop_at_last_layers = 2,
                sd_vae = "Automatic",
                forge_additional_modules = new[] { "x" },
                sd_model_checkpoint = "flux-schnell",
            },
            override_settings_restore_afterwards = true,
            clip_skip = 1,
            save_images = true,
            send_images = true,
            do_not_save_grid = false,
            do_not_save_samples = false,
        }, key);

        Assert.Equal("image/png", DoorPictures.TypeOf(made.Picture()));
        Assert.DoesNotContain(secret, made.Text, StringComparison.Ordinal);
        Assert.Equal(
            [
                "override_settings.CLIP_stop_at_last_layers", "override_settings.forge_additional_modules", "restore_faces",
                "negative_prompt", "cfg_scale", "sampler_name", "scheduler",
            ],
            made.Ignored());
        Assert.Equal("steps=4", made.Header("Genapi-Adjusted"));
        Assert.Equal("4", made.Info().GetProperty("genapi").GetProperty("adjusted").GetProperty("steps").GetString());
        foreach (var list in (string[])["sd-models", "samplers", "schedulers", "upscalers", "latent-upscale-modes", "sd-vae", "sd-modules"])
            Assert.Equal(System.Text.Json.JsonValueKind.Array, (await app.GetAsync($"/sdapi/v1/{list}", key)).Json.ValueKind);
        var progress = await app.GetAsync("/sdapi/v1/progress", key);
        Assert.Equal((0.0, 0), (progress["progress"].GetDouble(), progress["state", "job_count"].GetInt32()));
    }

    [Fact]
    public async Task LibreChat_reads_the_seed_the_size_and_the_settings()
    {
        await using var app = await GenApiApp.StartAsync();

        var made = await app.PostAsync(
            WebUi.Text, new { prompt = "a red fox", negative_prompt = "blur", cfg_scale = 4.5, steps = 22, width = 64, height = 64 });
        var older = await app.PostAsync("/sdapi/v1/png-info", new { image = $"data:image/png;base64,{made["images"][0].GetString()}" });

        var info = made.Info();
        Assert.Equal((64, 64), (info.GetProperty("width").GetInt32(), info.GetProperty("height").GetInt32()));
        var line = info.GetProperty("infotexts")[0].GetString()!;
        Assert.Contains($"Seed: {info.GetProperty("seed").GetInt64()}", line, StringComparison.Ordinal);
        Assert.Contains("Steps: 22, CFG scale: 4.5", line.Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal(line, older["info"].GetString());
        Assert.Equal("64", older["parameters", "Size-1"].GetString());
        Assert.Equal(22, made["parameters", "steps"].GetInt32());
        Assert.Empty(made.Ignored());
    }
}
