using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using GenApi.Tests.Accounts;
using GenApi.Tests.Hosting;
using GenApi.Tests.Images;
using static GenApi.Tests.Uploads.InputPictures;

namespace GenApi.Tests.Doors.Replicate.Catalogue;

/// <summary>Replicate's Files API on the door.</summary>
public sealed class ReplicateFileTests(BadInputTests.SharedApp shared) : IClassFixture<BadInputTests.SharedApp>
{
    private const string Files = "/replicate/v1/files";

    private GenApiApp App => shared.App;

    /// <summary>The parts as clients send them: a field, a file named blob, and one field for each member.</summary>
    public static TheoryData<string, string?, string, string?> MetadataForms => new()
    {
        { "metadata", null, """{"customer":"x7"}""", null },
        { "metadata", "blob", """{"customer":"x7"}""", "application/json" },
        { "metadata[customer]", null, "x7", null },
    };

    [Theory]
    [MemberData(nameof(MetadataForms))]
    public async Task Metadata_comes_as_a_field_as_a_file_and_in_members(string name, string? fileName, string text, string? type)
    {
        var form = Form(Pictures.Png(8, 8));
        Add(form, name, fileName, text, type);

        var made = await App.SendAsync(HttpMethod.Post, Files, form);

        Assert.True(made.Status == 201, made.Text);
        Assert.Equal("x7", made["metadata"].GetProperty("customer").GetString());
        Assert.Equal("x7", (await App.GetAsync($"{Files}/{made.Id}"))["metadata"].GetProperty("customer").GetString());
    }

    [Fact]
    public async Task The_parts_may_come_before_the_file_and_name_it()
    {
        var bytes = Encoding.UTF8.GetBytes("RIFFxxxx");
        var form = new MultipartFormDataContent();
        Add(form, "filename", null, "größe.weights", null);
        Add(form, "type", null, "application/x-weights", null);
        form.Add(new ByteArrayContent(bytes), "content", "a.bin");

        var made = await App.SendAsync(HttpMethod.Post, Files, form);

        Assert.True(made.Status == 201, made.Text);
        Assert.Equal(
            ("größe.weights", "application/x-weights", 8, Sha256(bytes)),
            (made["name"].GetString(), made["content_type"].GetString(), made["size"].GetInt32(),
                made["checksums"].GetProperty("sha256").GetString()));
        Assert.Equal(made["urls"].GetProperty("get").GetString(), made.Header("Location"));
        Assert.Equal(JsonValueKind.Object, made["metadata"].ValueKind);
        Assert.True(made["expires_at"].GetDateTime() > made["created_at"].GetDateTime());
    }

    /// <summary>The bytes decide over the claim; the name loses the folders of the sender's machine.</summary>
    [Fact]
    public async Task A_file_of_any_kind_is_stored_and_downloaded()
    {
        byte[] wave =
        [
            .. "RIFF"u8, 36, 0, 0, 0, .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, 1, 0, 8, 0,
            .. "data"u8, 0, 0, 0, 0,
        ];

        var made = await App.SendAsync(HttpMethod.Post, Files, Form(wave, @"C:\sounds\low a.wav", "image/png"));
        var bytes = await App.GetAsync($"{Files}/{made.Id}/download?owner=x&expiry=1&signature=y");

        Assert.Equal(("audio/wav", "low a.wav"), (made["content_type"].GetString(), made["name"].GetString()));
        Assert.Equal((200, "application/octet-stream"), (bytes.Status, bytes.Header("Content-Type")));
        Assert.Equal(wave, bytes.Body);
        Assert.StartsWith("attachment", bytes.Header("Content-Disposition"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_address_of_a_file_is_an_input_of_predictions()
    {
        var picture = LeftWhite(64, 48);
        var made = await App.SendAsync(HttpMethod.Post, Files, Form(picture));
        var image = made["urls"].GetProperty("get").GetString();

        var run = await App.PostAsync(
            "/replicate/v1/models/sandbox/collage/predictions", new { input = new { prompt = "x", image_input = new[] { image } } },
            ("Prefer", "wait"));

        Assert.Equal((201, "succeeded"), (run.Status, run.State));
        Assert.Contains(App.Sandbox.Stats.UploadedFiles, file => file.Sha256 == Sha256(picture));
    }

    [Theory]
    [InlineData("image")]
    [InlineData("mask")]
    public async Task A_file_that_is_no_image_is_refused_where_an_image_is_named(string name)
    {
        var made = await App.SendAsync(HttpMethod.Post, Files, Form("some text"u8.ToArray(), "a.txt", "text/plain"));
        var image = name == "mask" ? (await App.UploadAsync(Pictures.Png(8, 8))).Id : made.Id;
        var mask = name == "mask" ? made.Id : null;

        var refused = await App.GenerateAsync(new { model = "sdxl", prompt = "x", image, mask });

        Assert.Equal((422, "invalid_input"), (refused.Status, refused.Code));
        Assert.Contains($"$.{name}", refused["errors"].EnumerateObject().Select(each => each.Name));
    }

    /// <summary>A drawing is kept unread, and refused where a model would have to take it.</summary>
    [Fact]
    public async Task A_drawing_is_stored_and_refused_as_an_input()
    {
        var made = await App.SendAsync(HttpMethod.Post, Files, Form("<svg xmlns='http://www.w3.org/2000/svg'><g a='"u8.ToArray(), "a.svg"));
        var image = made["urls"].GetProperty("get").GetString();

        var run = await App.PostAsync(
            "/replicate/v1/models/sandbox/collage/predictions", new { input = new { prompt = "x", image_input = new[] { image } } });

        Assert.Equal((201, "image/svg+xml"), (made.Status, made["content_type"].GetString()));
        Assert.Equal(422, run.Status);
        Assert.Contains("SVG", run["detail"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_file_is_gone_and_no_input()
    {
        var made = await App.SendAsync(HttpMethod.Post, Files, Form(Pictures.Png(9, 9)));
        var image = made["urls"].GetProperty("get").GetString();

        var deleted = await App.DeleteAsync($"{Files}/{made.Id}");
        var gone = await App.GetAsync($"{Files}/{made.Id}");
        var again = await App.DeleteAsync($"{Files}/{made.Id}");
        var run = await App.PostAsync(
            "/replicate/v1/models/sandbox/collage/predictions", new { input = new { prompt = "x", image_input = new[] { image } } });

        Assert.Equal((204, 404, 404, 422), (deleted.Status, gone.Status, again.Status, run.Status));
        Assert.StartsWith("File not found", gone["detail"].GetString(), StringComparison.Ordinal);
    }

    public static TheoryData<string, string?, string, string> WrongParts => new()
    {
        // a further part: name, file name, text; the part that the refusal names
        { "metadata", null, "[1]", "metadata" },
        { "metadata", null, "{", "metadata" },
        { "metadata", null, """{"a":1,"a":2}""", "metadata" },
        { "metadata", null, """{"a":"\ud800"}""", "metadata" },
        { "metadata", null, $"{{\"a\":\"{new string('x', 70_000)}\"}}", "metadata" },
        { "filename", null, new string('x', 300), "filename" },
        { "content", "b.png", "x", "content" },
        { "file", null, "x", "file" },
        { "metadat", null, "{}", "metadat" },
    };

    [Theory]
    [MemberData(nameof(WrongParts))]
    public async Task A_wrong_part_is_named_and_nothing_is_stored(string name, string? fileName, string text, string named)
    {
        var bytes = Pictures.Png(17, 5);
        var form = Form(bytes);
        Add(form, name, fileName, text, null);

        var refused = await App.SendAsync(HttpMethod.Post, Files, form);

        Assert.Equal((400, "application/problem+json"), (refused.Status, refused.Header("Content-Type")));
        Assert.Contains(named, refused["detail"].GetString() + refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Sha256(bytes), await App.BlobsAsync());
    }

    [Fact]
    public async Task What_is_no_file_is_refused()
    {
        var json = await App.PostAsync(Files, new { content = "x" });
        var none = await App.SendAsync(HttpMethod.Post, Files, new MultipartFormDataContent { { new StringContent("x"), "filename" } });
        var empty = await App.SendAsync(HttpMethod.Post, Files, Form([]));
        var cut = await App.SendAsync(HttpMethod.Post, Files, Form(Pictures.Png(30, 30)[..60]));

        Assert.Equal((415, 400, 400, 415), (json.Status, none.Status, empty.Status, cut.Status));
        Assert.Contains("content", none["detail"].GetString() + none.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_of_100_MB_is_refused_as_Replicate_does()
    {
        var refused = await App.SendAsync(HttpMethod.Post, Files, Form(new byte[100 << 20]));

        Assert.Equal((413, "Files must be less than 100MB in size"), (refused.Status, refused["detail"].GetString()));
    }

    [Fact]
    public async Task Files_are_listed_in_pages_newest_first()
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("shop");
        var key = Keys.Of(secret);
        for (var at = 0; at < 101; at++)
            await app.SendAsync(HttpMethod.Post, Files, Form([1, 2, 3], $"{at}"), key);

        var first = await app.GetAsync(Files, key);
        var second = await app.GetAsync(first["next"].GetString()!, key);
        var back = await app.GetAsync(second["previous"].GetString()!, key);

        Assert.StartsWith($"{app.Address}replicate/v1/files?cursor=", first["next"].GetString(), StringComparison.Ordinal);
        Assert.Equal((100, "100", "1"), (first["results"].GetArrayLength(), Name(first, 0), Name(first, 99)));
        Assert.Equal((1, "0", JsonValueKind.Null), (second["results"].GetArrayLength(), Name(second, 0), second["next"].ValueKind));
        Assert.Equal(first["results"].GetRawText(), back["results"].GetRawText());
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (first["previous"].ValueKind, back["previous"].ValueKind));
        Assert.Equal(first["next"].GetString(), back["next"].GetString());

        static string Name(Answer page, int index) => page["results"][index].GetProperty("name").GetString()!;
    }

    [Fact]
    public async Task A_file_belongs_to_its_key()
    {
        await using var app = await Keys.StartAsync();
        var (_, mine) = await app.MakeAsync("mine");
        var (_, other) = await app.MakeAsync("other");
        var made = await app.SendAsync(HttpMethod.Post, Files, Form(Pictures.Png(8, 8)), Keys.Of(mine));

        Assert.Equal(404, (await app.GetAsync($"{Files}/{made.Id}", Keys.Of(other))).Status);
        Assert.Equal(404, (await app.GetAsync($"{Files}/{made.Id}/download", Keys.Of(other))).Status);
        Assert.Equal(404, (await app.DeleteAsync($"{Files}/{made.Id}", Keys.Of(other))).Status);
        Assert.Equal(0, (await app.GetAsync(Files, Keys.Of(other)))["results"].GetArrayLength());
        Assert.Equal(200, (await app.GetAsync($"{Files}/{made.Id}", Keys.Of(mine))).Status);
        Assert.Equal(200, (await app.GetAsync($"/uploads/{made.Id}", Keys.Of(mine))).Status);
    }

    [Fact]
    public async Task The_key_of_the_request_is_not_stored_in_metadata()
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("shop");
        var form = Form(Pictures.Png(8, 8));
        Add(form, "metadata", null, JsonSerializer.Serialize(new { settings = new { auth = secret } }), null);

        var refused = await app.SendAsync(HttpMethod.Post, Files, form, Keys.Of(secret));

        Assert.Equal(400, refused.Status);
        Assert.Contains("API key", refused["detail"].GetString(), StringComparison.Ordinal);
        Assert.Equal(0, (await app.GetAsync(Files, Keys.Of(secret)))["results"].GetArrayLength());
    }

    private static MultipartFormDataContent Form(byte[] bytes, string fileName = "in.png", string? type = null)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return new() { { content, "content", fileName } };
    }

    private static void Add(MultipartFormDataContent form, string name, string? fileName, string text, string? type)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        if (fileName is null)
            form.Add(content, name);
        else
            form.Add(content, name, fileName);
    }
}
