using System.Text;
using GenApi.Core.Uploads;
using static GenApi.Tests.Doors.DoorPictures;
using static GenApi.Tests.Doors.OpenAi.Edits.EditRequests;
using static GenApi.Tests.Uploads.InputPictures;

namespace GenApi.Tests.Doors.OpenAi.Edits;

/// <summary>A wrong part is named, with what is allowed, before anything is paid.</summary>
public sealed class EditFaultTests
{
    private static readonly byte[] Green = Plain(64, 64);

    [Fact]
    public async Task Every_wrong_part_of_a_form_is_named()
    {
        await using var app = await GenApiApp.StartAsync();
        Task<Answer> SendAsync(params (string, string?, byte[]?)[] parts) =>
            app.FormAsync(EditsPath, [Text("prompt", "a red fox"), .. parts]);

        AssertRefused(app, await SendAsync(), 400, "image", "is missing");
        AssertRefused(app, await SendAsync(File("image", "no image"u8.ToArray())), 400, "image", "must be an image");
        AssertRefused(app, await SendAsync(Text("image", "fox.png")), 400, "image", "must be a file, a data URI");
        AssertRefused(app, await SendAsync(File("image", Green), File("photo", Green)), 400, "photo", "Files are 'image' and 'mask'.");
        AssertRefused(
            app, await SendAsync(File("image", Green), File("mask", Green), File("mask", Green)), 400, "mask", "more than once");
        AssertRefused(app, await SendAsync(File("image", Green), File("mask", Green)), 400, "mask", "has no transparent pixels");
        AssertRefused(
            app, await SendAsync(File("image", Green), Text("mask", "https://example.com/m.png")), 400, "mask", "reads its transparency");
        AssertRefused(app, await SendAsync(File("image", Green), Text("prompt", "again")), 400, "prompt", "more than once");
        AssertRefused(app, await SendAsync(File("image", Green), Text("n", "many")), 400, "n", "must be a whole number from 1 to");
        AssertRefused(app, await SendAsync(File("image", Green), Text("size", "huge")), 400, "size", "1024x1024");
        AssertRefused(
            app, await SendAsync([.. Enumerable.Repeat(File("image[]", Green), 17)]), 400, "image[]", "at most 16 images");
        AssertRefused(
            app, await SendAsync(File("image", Green), Text("style", new string('a', 600_000))), 400, "style", "at most 512 KiB");
        AssertRefused(app, await SendAsync(File("image", Green), Text("model", "flux-schnell")), 400, "image", "no input for it");
        AssertRefused(
            app, await app.FormAsync(VariationsPath, File("image", Green), File("mask", LeftTransparent(64, 64))), 400, "mask", "no mask");
    }

    /// <summary>Each field alone is allowed, but all are kept until the answer.</summary>
    [Fact]
    public async Task The_texts_of_a_form_are_bounded_together()
    {
        await using var app = await GenApiApp.StartAsync();
        var long400 = new string('a', 400 << 10);

        var refused = await app.FormAsync(
            EditsPath, File("image", Green), Text("prompt", "a red fox"), Text("f1", long400), Text("f2", long400), Text("f3", long400));

        AssertRefused(app, refused, 400, "f3", "a form has at most 1 MiB of names and texts");
    }

    /// <summary>A file of Replicate's door may be of any kind. It is refused by its type, before anything decodes it.</summary>
    [Fact]
    public async Task A_mask_that_has_no_pixels_is_refused_by_its_type()
    {
        await using var app = await GenApiApp.StartAsync();
        var (svg, text) = (
            await StoredAsync("<svg xmlns='http://www.w3.org/2000/svg' width='64' height='64'/>"), await StoredAsync("some text"));

        var drawing = await app.PostAsync(EditsPath, new { prompt = "a", image = DataUri(Green), mask = svg });
        var words = await app.PostAsync(EditsPath, new { prompt = "a", image = DataUri(Green), mask = new { file_id = text } });
        var itself = await app.PostAsync(EditsPath, new { model = "dall-e-2", prompt = "a", image = svg });

        AssertRefused(app, drawing, 400, "mask", "is not an image made of pixels, but image/svg+xml");
        AssertRefused(app, words, 400, "mask", "is not an image made of pixels, but application/octet-stream");
        AssertRefused(app, itself, 400, "image", "image/svg+xml");

        async Task<string> StoredAsync(string content)
        {
            var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(content)), "content", "a.bin" } };
            return (await app.SendAsync(HttpMethod.Post, "/replicate/v1/files", form)).Id;
        }
    }

    [Fact]
    public async Task An_image_with_too_many_bytes_is_refused_by_name_and_leaves_nothing()
    {
        await using var app = await GenApiApp.StartAsync();
        var large = new byte[UploadsOptions.MostBytes + 1];
        Green.CopyTo(large, 0);

        var refused = await app.FormAsync(EditsPath, Text("prompt", "a"), File("image", large));

        AssertRefused(app, refused, 413, "image", "at most 20 MiB");
        Assert.Empty(await GenApi.Tests.Uploads.InputPictures.BlobsAsync(app));
    }

    [Fact]
    public async Task A_form_that_can_not_be_read_is_a_mistake_of_the_caller()
    {
        await using var app = await GenApiApp.StartAsync();
        static StringContent Form(string text, string type)
        {
            var content = new StringContent(text, Encoding.UTF8);
            content.Headers.Remove("Content-Type");
            content.Headers.TryAddWithoutValidation("Content-Type", type);
            return content;
        }

        Task<Answer> SendAsync(string text, string type) => app.SendAsync(HttpMethod.Post, EditsPath, Form(text, type));
        const string form = "multipart/form-data; boundary=x";

        var open = await SendAsync("--x\r\nContent-Disposition: form-data; name=\"prompt\"\r\n\r\na", form);
        var nameless = await SendAsync("--x\r\n\r\na\r\n--x--\r\n", form);
        var boundless = await SendAsync("--x--", "multipart/form-data");
        var text = await SendAsync("a", "text/plain");

        Assert.All([open, nameless, boundless], each =>
            Assert.Equal((400, "invalid_request"), (each.Status, each["error", "code"].GetString())));
        Assert.Equal((415, "unsupported_media_type"), (text.Status, text["error", "code"].GetString()));
    }

    [Fact]
    public async Task Every_wrong_member_of_a_JSON_body_is_named()
    {
        await using var app = await GenApiApp.StartAsync();
        var image = DataUri(Green);

        Task<Answer> NamedAsync(object images) => app.PostAsync(EditsPath, new { prompt = "a", images });

        AssertRefused(app, await app.PostAsync(EditsPath, new { prompt = "a" }), 400, "image", "is missing");
        AssertRefused(app, await NamedAsync(new object[] { 7 }), 400, "images[0]", "must name an image");
        AssertRefused(app, await NamedAsync(new[] { new { file_id = "file-1" } }), 400, "images[0]", "img_…");
        AssertRefused(app, await NamedAsync(new[] { new { image_url = "data:image/png;base64,%" } }), 400, "images[0]", "can't be decoded");
        AssertRefused(app, await NamedAsync(Enumerable.Repeat(image, 17)), 400, "images", "at most 16 images");
        AssertRefused(app, await app.PostAsync(EditsPath, new { prompt = "a", image, mask = image }), 400, "mask", "no transparent pixels");
        AssertRefused(app, await app.PostAsync(EditsPath, new { image }), 400, "prompt", "missing");
    }
}
