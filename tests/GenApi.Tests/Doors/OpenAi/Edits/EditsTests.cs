using GenApi.Tests.Uploads;
using static GenApi.Tests.Doors.DoorPictures;
using static GenApi.Tests.Doors.OpenAi.Edits.EditRequests;
using static GenApi.Tests.Uploads.InputPictures;

namespace GenApi.Tests.Doors.OpenAi.Edits;

/// <summary>Images arrive under four names, and a mask is transparent where to edit.</summary>
public sealed class EditsTests
{
    private static readonly byte[] Green = Plain(64, 64);

    [Fact]
    public async Task Every_spelling_of_the_image_and_its_mask_edits_what_is_transparent()
    {
        await using var app = await GenApiApp.StartAsync();

        foreach (var spelling in (string[])["image", "image[]", "image[0]", "json images", "json strings", "json image"])
        {
            var edited = await EditAsync(app, spelling);

            var picture = edited.Picture();
            Assert.Equal((spelling, "image/png"), (spelling, TypeOf(picture)));
            Assert.Equal((spelling, false, true), (spelling, IsPlainAt(picture, 0.25, 0.5), IsPlainAt(picture, 0.75, 0.5)));
            Assert.Equal(0, edited["usage", "total_tokens"].GetInt32());
        }
    }

    private static async Task<Answer> EditAsync(GenApiApp app, string spelling)
    {
        var mask = LeftTransparent(64, 64);
        var (image, url) = (DataUri(Green), DataUri(mask));
        return spelling switch
        {
            "json images" => await app.PostAsync(EditsPath, new
            {
                model = "gpt-image-1",
                prompt = "a red fox",
                size = "64x64",
                images = new[] { new { image_url = image } },
                mask = new { image_url = url },
            }),
            "json strings" => await app.PostAsync(
                EditsPath, new { prompt = "a red fox", size = "64x64", images = new[] { image }, mask = url }),
            "json image" => await app.PostAsync(EditsPath, new { prompt = "a red fox", size = "64x64", image, mask = url }),
            _ => await app.FormAsync(
                EditsPath, Text("model", "gpt-image-1"), File(spelling, Green), Text("prompt", "a red fox"), File("mask", mask),
                Text("size", "64x64")),
        };
    }

    [Fact]
    public async Task A_model_that_takes_several_images_gets_them_in_order()
    {
        await using var app = await GenApiApp.StartAsync();
        var (one, two) = (Green, LeftWhite(64, 64));

        foreach (var (first, second) in ((string, string)[])[("image", "image"), ("image[]", "image[]"), ("image[0]", "image[1]")])
        {
            var made = await app.FormAsync(
                EditsPath, Text("model", "sandbox/collage"), File(first, one), File(second, two), Text("prompt", "a red fox"),
                Text("size", "64x64"));

            var input = (await app.InputAsync(made)).GetProperty("image_input");
            Assert.Equal(2, input.GetArrayLength());
            var hashes = new List<string?>();
            foreach (var id in input.EnumerateArray())
                hashes.Add((await app.GetAsync($"/uploads/{id.GetString()}"))["sha256"].GetString());
            Assert.Equal([Sha256(one), Sha256(two)], hashes);
        }
    }

    [Fact]
    public async Task Several_images_for_a_model_that_takes_one_are_refused_before_anything_is_paid()
    {
        await using var app = await GenApiApp.StartAsync();

        var form = await app.FormAsync(
            EditsPath, Text("model", "sdxl"), File("image[]", Green), File("image[]", LeftWhite(64, 64)), Text("prompt", "a red fox"));
        var images = new[] { new { image_url = DataUri(Green) }, new { image_url = "https://example.com/a.png" } };
        var json = await app.PostAsync(EditsPath, new { model = "sdxl", prompt = "a", images });

        AssertRefused(app, form, 400, "image[]", "stability-ai/sdxl takes one image, and 2 were sent.");
        AssertRefused(app, json, 400, "images[0]", "stability-ai/sdxl takes one image, and 2 were sent.");
    }

    [Fact]
    public async Task A_repeated_form_stores_its_image_once_and_is_the_same_request()
    {
        await using var app = await GenApiApp.StartAsync();
        (string, string?, byte[]?)[] parts =
            [File("image", Green), Text("prompt", "a red fox"), Text("size", "64x64"), Text("seed", "7"), Text("n", "1")];

        var first = await app.FormAsync(EditsPath, parts);
        var again = await app.FormAsync(EditsPath, parts);

        Assert.Equal(first.Picture(), again.Picture());
        Assert.Equal("GenApi; hit", again.Header("Cache-Status"));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Single(app.Sandbox.Stats.UploadedFiles);
        Assert.Equal(2, (await app.BlobsAsync()).Length);
    }

    [Fact]
    public async Task An_idempotency_key_knows_a_form_again_whatever_its_boundary_and_file_names()
    {
        await using var app = await GenApiApp.StartAsync();
        (string, string) key = ("Idempotency-Key", "one-edit");
        Task<Answer> SendAsync(string prompt) => app.SendAsync(
            HttpMethod.Post, EditsPath, FormOf(File("image", Green), Text("prompt", prompt), Text("size", "64x64")), key);

        var first = await SendAsync("a red fox");
        var again = await SendAsync("a red fox");
        var other = await SendAsync("a blue fox");

        Assert.Equal(first.Header("Genapi-Generations"), again.Header("Genapi-Generations"));
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        Assert.Equal((400, "idempotency_mismatch"), (other.Status, other["error", "code"].GetString()));
    }

    [Fact]
    public async Task A_form_that_a_client_repeats_gets_the_first_image()
    {
        await using var app = await GenApiApp.StartAsync();
        Task<Answer> SendAsync(byte[] image, string count) => app.SendAsync(
            HttpMethod.Post, EditsPath, FormOf(File("image", image), Text("prompt", "a red fox"), Text("size", "64x64")),
            ("X-Stainless-Retry-Count", count));

        var first = await SendAsync(Green, "0");
        var again = await SendAsync(Green, "1");
        var other = await SendAsync(LeftWhite(64, 64), "1");

        Assert.Equal(first.Header("Genapi-Generations"), again.Header("Genapi-Generations"));
        Assert.Equal(first.Picture(), again.Picture());
        Assert.NotEqual(first.Header("Genapi-Generations"), other.Header("Genapi-Generations"));
        Assert.Equal(2, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task The_members_of_LobeChat_and_of_n8n_are_used_or_named()
    {
        await using var app = await GenApiApp.StartAsync();

        var lobe = await app.FormAsync(
            EditsPath, Text("model", "gpt-image-1"), Text("prompt", "a red fox"), Text("n", "1"), Text("input_fidelity", "high"),
            Text("seed", "5"), Text("steps", "20"), Text("size", "64x64"), File("image", Green));
        var n8n = await app.FormAsync(
            EditsPath, Text("model", "dall-e-2"), Text("prompt", "a red fox"), Text("n", "2"), Text("size", "64x64"),
            Text("quality", "auto"), Text("background", "auto"), Text("output_format", "jpeg"), Text("output_compression", "80"),
            Text("user", "ann"),
            Text("response_format", "b64_json"), File("image", Green));

        Assert.Equal("input_fidelity", lobe.Header("Genapi-Ignored"));
        var input = await app.InputAsync(lobe);
        Assert.Equal((5, 20), (input.GetProperty("seed").GetInt32(), input.GetProperty("num_inference_steps").GetInt32()));
        Assert.Equal(2, n8n["data"].GetArrayLength());
        Assert.Equal("image/jpeg", TypeOf(n8n.Picture(1)));
        Assert.Equal("background, quality", n8n.Header("Genapi-Ignored"));
    }

    [Fact]
    public async Task Without_a_mask_the_transparency_of_the_image_is_the_mask_of_dall_e_2_alone()
    {
        await using var app = await GenApiApp.StartAsync();
        var image = LeftTransparent(64, 64);

        Task<Answer> SendAsync(string model) => app.FormAsync(
            EditsPath, Text("model", model), File("image", image), Text("prompt", "a"), Text("size", "64x64"));
        var (old, other) = (await SendAsync("dall-e-2"), await SendAsync("sdxl"));

        Assert.True((await app.InputAsync(old)).TryGetProperty("mask", out _));
        Assert.False((await app.InputAsync(other)).TryGetProperty("mask", out _));
        Assert.StartsWith(app.Address.ToString(), old["data"][0].GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_of_this_service_is_its_image()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.PostAsync(
            "/v1/images/generations", new { model = "sdxl", prompt = "a red fox", size = "64x64", response_format = "url" });
        var url = made["data"][0].GetProperty("url").GetString()!;

        var edited = await app.PostAsync(
            EditsPath, new { model = "sdxl", prompt = "a blue fox", images = new[] { new { image_url = url } } });

        Assert.StartsWith("img_", (await app.InputAsync(edited)).GetProperty("image").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_variation_needs_no_prompt_and_takes_one_image()
    {
        await using var app = await GenApiApp.StartAsync();

        var varied = await app.FormAsync(
            VariationsPath, File("image", Green), Text("size", "64x64"), Text("n", "2"), Text("response_format", "b64_json"));

        Assert.Equal(2, varied["data"].GetArrayLength());
        var input = await app.InputAsync(varied);
        Assert.Equal("A variation of this image", input.GetProperty("prompt").GetString());
        Assert.StartsWith("upl_", input.GetProperty("image").GetString(), StringComparison.Ordinal);
    }
}
