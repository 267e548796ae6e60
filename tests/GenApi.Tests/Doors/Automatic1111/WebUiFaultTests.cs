using GenApi.Tests.Accounts;
using static GenApi.Tests.Uploads.InputPictures;

namespace GenApi.Tests.Doors.Automatic1111;

/// <summary>Every problem has the web UI's form, and names the member by the web UI's name.</summary>
public sealed class WebUiFaultTests
{
    [Fact]
    public async Task Every_wrong_member_is_named_with_what_is_allowed()
    {
        await using var app = await GenApiApp.StartAsync();
        var image = DataUri(Plain(64, 64));
        Task<Answer> TextAsync(object body) => app.PostAsync(WebUi.Text, body);
        Task<Answer> ImageAsync(object body) => app.PostAsync(WebUi.Image, body);

        WebUi.AssertRefused(app, await TextAsync(new { steps = 20 }), 400, "prompt: 'prompt' is missing");
        WebUi.AssertRefused(app, await TextAsync(new { prompt = 7 }), 400, "prompt: 'prompt' must be a string; it is 7.");
        WebUi.AssertRefused(app, await TextAsync(new { prompt = "a", steps = "many" }), 400, "steps: 'steps' must be a whole number");
        WebUi.AssertRefused(app, await TextAsync(new { prompt = "a", cfg_scale = -1 }), 400, "'cfg_scale' must be a number from 0");
        WebUi.AssertRefused(app, await TextAsync(new { prompt = "a", batch_size = 5, n_iter = 5 }), 400, "may be at most 16; it is 25");
        WebUi.AssertRefused(app, await TextAsync(new { prompt = "a", send_images = "yes" }), 400, "'send_images' must be true");
        WebUi.AssertRefused(
            app, await TextAsync(new { prompt = "a", override_settings = new { sd_model_checkpoint = "v1-5-pruned" } }), 404,
            "override_settings.sd_model_checkpoint:");
        WebUi.AssertRefused(
            app, await TextAsync(new { prompt = "a", override_settings = new { samples_format = "tiff" } }), 400, "must be one of png");
        WebUi.AssertRefused(
            app, await TextAsync(new { prompt = "a", alwayson_scripts = new { controlnet = new { } } }), 400, "the script 'controlnet'");
        WebUi.AssertRefused(app, await TextAsync(new { prompt = "a", script_name = "X/Y/Z plot" }), 400, "script_name: the script");
        WebUi.AssertRefused(app, await ImageAsync(new { prompt = "a" }), 400, "init_images: 'init_images' is missing");
        WebUi.AssertRefused(app, await ImageAsync(new { prompt = "a", init_images = new object[] { 1 } }), 400, "init_images[0]");
        foreach (var text in (string[])["%%%", "aGVsbG8="])
        {
            WebUi.AssertRefused(
                app, await ImageAsync(new { prompt = "a", init_images = new[] { text } }), 400, "init_images[0]: must be an image");
        }
        WebUi.AssertRefused(
            app,
            await ImageAsync(new
            {
                prompt = "a",
                init_images = new[] { image },
                override_settings = new { sd_model_checkpoint = "flux-schnell" },
            }),
            422, "init_images:");
        WebUi.AssertRefused(app, await app.PostAsync("/sdapi/v1/png-info", new { image = "aGVsbG8=" }), 400, "image: must be an image");
        WebUi.AssertRefused(app, await app.PostAsync(WebUi.Text, "{"), 400, "The body is not JSON");
        WebUi.AssertRefused(app, await app.PostAsync("/sdapi/v1/interrogate", new { image }), 404, "There is nothing at");
    }

    [Fact]
    public async Task A_model_without_images_is_refused_before_and_after_a_run()
    {
        await using var app = await GenApiApp.StartAsync();
        object Request(string model) => new { prompt = "a", override_settings = new { sd_model_checkpoint = model } };

        WebUi.AssertRefused(app, await app.PostAsync(WebUi.Text, Request("replicate/hello-world")), 422, "makes no images");
        var failed = await app.PostAsync(WebUi.Text, Request("sandbox/fails"));

        Assert.Equal((400, "upstream_failed"), (failed.Status, failed["error"].GetString()));
        Assert.StartsWith("gen_", failed["generation_id"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_answered_with_the_challenge_of_HTTP_Basic()
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("chat", "read");

        var without = await app.GetAsync(WebUi.Options);
        var wrong = await app.GetAsync(WebUi.Options, WebUi.Basic("genapi_wrong"));
        var right = await app.GetAsync(WebUi.Options, WebUi.Basic(secret));
        var bearer = await app.GetAsync(WebUi.Options, Keys.Of(secret));
        var lacking = await app.PostAsync(WebUi.Text, new { prompt = "a" }, WebUi.Basic(secret));

        Assert.All([without, wrong], refused =>
        {
            Assert.Equal(401, refused.Status);
            Assert.Contains("Basic", refused.Header("WWW-Authenticate"), StringComparison.Ordinal);
            Assert.NotEqual("", refused["detail"].GetString());
        });
        Assert.Equal((200, 200), (right.Status, bearer.Status));
        Assert.Equal((403, "forbidden"), (lacking.Status, lacking["error"].GetString()));
    }

    [Fact]
    public async Task Only_the_model_can_be_chosen_and_only_for_the_own_key()
    {
        await using var app = await Keys.StartAsync();
        var (one, other) = (WebUi.Basic((await app.MakeAsync("one")).Secret), WebUi.Basic((await app.MakeAsync("other")).Secret));

        var set = await app.PostAsync(WebUi.Options, new { sd_model_checkpoint = "flux-dev" }, one);
        var skip = await app.PostAsync(WebUi.Options, new { CLIP_stop_at_last_layers = 2 }, one);
        var unknown = await app.PostAsync(WebUi.Options, new { sd_model_checkpoint = "nothing-like-it" }, one);
        var none = await app.PostAsync(WebUi.Options, new { sd_model_checkpoint = "replicate/hello-world" }, one);

        Assert.Equal(200, set.Status);
        Assert.Contains("CLIP_stop_at_last_layers", skip["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal((400, 404, 422), (skip.Status, unknown.Status, none.Status));
        Assert.Equal("flux-dev", (await app.GetAsync(WebUi.Options, one))["sd_model_checkpoint"].GetString());
        Assert.Equal("sdxl", (await app.GetAsync(WebUi.Options, other))["sd_model_checkpoint"].GetString());
    }

    [Fact]
    public async Task A_model_that_a_request_does_not_restore_stays_chosen()
    {
        await using var app = await GenApiApp.StartAsync();
        object Request(bool restores) => new
        {
            prompt = "a",
            width = 64,
            height = 64,
            override_settings = new { sd_model_checkpoint = "sd" },
            override_settings_restore_afterwards = restores,
        };

        await app.PostAsync(WebUi.Text, Request(true));
        var before = (await app.GetAsync(WebUi.Options))["sd_model_checkpoint"].GetString();
        await app.PostAsync(WebUi.Text, Request(false));

        Assert.Equal(("sdxl", "sd"), (before, (await app.GetAsync(WebUi.Options))["sd_model_checkpoint"].GetString()));
    }
}
