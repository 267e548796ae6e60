using System.Globalization;
using System.Text.Json;
using GenApi.Core.Images.Metadata;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Uploads;

namespace GenApi.Tests.Images.Reading;

/// <summary>
/// POST /images/read: settings of other tools and of ours become a body that POST /generate accepts as it is. The files in <c>Pictures</c>
/// were written by Pillow, piexif, ExifTool and, where a tool's own library has a special form, byte by byte.
/// </summary>
public sealed class ReadSettingsTests(ReadSettingsTests.StuckApp shared) : IClassFixture<ReadSettingsTests.StuckApp>
{
    private const string Sdxl = "stability-ai/sdxl";
    private const string Umlaut = "a1111|Füchslein im Schnee 狐 🦊|unscharf|64x64|7|8|3";
    private const string Comfy =
        "comfyui|beautiful scenery in a glass bottle, Füchslein|text, watermark|512x448|156680208700286|20|8";
    private const string Robot = "fooocus|a robot|hands|1152x896|5423823104|30|4";
    private const string Owl = "invokeai|an owl|blurry, dark|512x640|42|50|7.5";
    private const string Girl = "novelai|1girl, fox ears|lowres|832x1216|2914253|28|5";

    private GenApiApp App => shared.App;

    public static TheoryData<string, string> Pictures => new()
    {
        // source | prompt | negative prompt | size | seed | steps | guidance
        { "a1111.png", "a1111|a red fox in snow, (golden hour:1.2), <lora:fox:0.8>\nsecond line, \"quoted\"|blurry, lowres|"
            + "512x768|1234567890|20|6.5" },
        { "a1111-zipped.png", "a1111|a red fox in snow, (golden hour:1.2), <lora:fox:0.8>\nsecond line, \"quoted\"|blurry, lowres|"
            + "512x768|1234567890|20|6.5" },
        { "a1111-utf8.png", Umlaut },
        { "a1111.jpg", Umlaut },
        { "a1111.webp", Umlaut },
        { "a1111.avif", "a1111|Füchslein im Schnee 狐|unscharf|64x64|7|8|3" },
        { "a1111-hidden.png", Umlaut },
        { "comfyui.png", Comfy },
        { "comfyui.webp", Comfy },
        { "comfyui-animation.png", Comfy },
        { "comfyui-flux.png", "comfyui|a lighthouse, in a storm||1152x1024|219670278747233|28|3.5" },
        { "invokeai.png", "invokeai|a castle on a hill|people|832x1216|3086414533|30|7.5" },
        { "invokeai-2.png", Owl },
        { "invokeai-1.png", "invokeai|an \"old\" owl|dark|512x640|42|50|7.5" },
        { "swarmui.png", "swarmui|a cat, 狐|dog|1024x1024|1455512|24|6" },
        { "swarmui.jpg", "swarmui|a cat, 狐|dog|1024x1024|1455512|24|6" },
        { "fooocus.png", Robot },
        { "fooocus.jpg", Robot },
        { "fooocus-text.png", Robot },
        { "fooocus.webp", Robot },
        { "novelai.png", Girl },
        { "novelai-hidden.png", Girl },
    };

    [Theory]
    [MemberData(nameof(Pictures))]
    public async Task A_picture_of_a_tool_becomes_a_request_that_is_accepted_as_it_is(string file, string expected)
    {
        var answer = await ReadAsync(Bytes(file));

        Assert.Equal(200, answer.Status);
        Assert.Equal(expected, Shown(answer));
        Assert.False(answer["request"].TryGetProperty("model", out _));
        Assert.Contains(Notes(answer), note => note.Contains("`model`", StringComparison.Ordinal));
        Assert.NotEmpty(answer["settings"].EnumerateObject());
        await AssertAcceptedAsync(answer);
    }

    [Fact]
    public async Task Settings_have_the_names_and_values_of_the_tool_and_notes_say_what_is_missing()
    {
        var text = await ReadAsync(Bytes("a1111.png"));
        Assert.Equal("Latent (bicubic, antialiased)", text["settings", "Hires upscaler"].GetString());
        Assert.Equal("fox: 0123456789ab", text["settings", "Lora hashes"].GetString());
        Assert.Equal("Euler a", text["settings", "Sampler"].GetString());
        AssertNotes(text, "`v1-5-pruned`", "enlarged", "<lora:", "`Sampler`, `Schedule type`");

        var graph = await ReadAsync(Bytes("comfyui.png"));
        Assert.Equal("v1-5-pruned-emaonly.safetensors", graph["settings", "ckpt_name"].GetString());
        Assert.Equal("euler", graph["settings", "sampler_name"].GetString());
        AssertNotes(graph, "`v1-5-pruned-emaonly.safetensors`", "`fox.safetensors`", "`sampler_name`, `scheduler`");

        Assert.Equal("1:1", (await ReadAsync(Bytes("swarmui.png")))["settings", "aspectratio"].GetString());
        AssertNotes(await ReadAsync(Bytes("swarmui.png")), "`detail`");
        AssertNotes(await ReadAsync(Bytes("fooocus.png")), "styles", "`performance`");
        AssertNotes(await ReadAsync(Bytes("invokeai.png")), "`paper-cut`", "`dreamshaper-xl`");
        AssertNotes(await ReadAsync(Bytes("novelai.png")), "single characters");
    }

    [Theory]
    [InlineData("png")]
    [InlineData("jpeg")]
    [InlineData("webp lossy")]
    [InlineData("avif")]
    public async Task Our_own_picture_becomes_the_request_that_made_it(string format)
    {
        const string prompt = "Füchslein im Schnee, 狐 🦊\n\n  second line: \"quoted\", Steps: 3  \r\nend ";
        var settings = new EmbeddedSettings
        {
            Prompt = prompt,
            NegativePrompt = "unscharf, 低品質",
            Model = Sdxl,
            Version = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc",
            Seed = 42,
            Steps = 25,
            Guidance = 7.5,
            Width = 64,
            Height = 48,
            GenerationId = "gen_01m874sb8sejtsw12hbne676v8",
            CreatedAt = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero),
        };

        var answer = await ReadAsync(SettingsWriter.Embed(Images.Pictures.Of(format, 64, 48), settings));

        Assert.Equal($"genapi|{prompt}|unscharf, 低品質|64x48|42|25|7.5", Shown(answer));
        Assert.Equal($"{Sdxl}:{settings.Version}", answer["request", "model"].GetString());
        Assert.Equal(settings.GenerationId, answer["settings", "Generation"].GetString());
        Assert.Empty(Notes(answer));
        await AssertAcceptedAsync(answer);
    }

    [Theory]
    [InlineData("plain.png")]
    [InlineData("plain.jpg")]
    [InlineData("plain.gif")]
    [InlineData("plain.bmp")]
    public async Task A_picture_without_settings_is_an_answer_and_no_error(string file)
    {
        var answer = await ReadAsync(Bytes(file));

        Assert.Equal(200, answer.Status);
        Assert.Equal(
            """{"source":null,"request":{},"settings":{},"notes":["The picture carries no settings that GenApi can read."]}""",
            answer.Text);
    }

    [Fact]
    public async Task A_form_is_read_as_for_an_upload_and_nothing_is_stored()
    {
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Bytes("a1111.jpg")), "file", "fox.jpg" },
        };

        Assert.Equal(Umlaut, Shown(await App.SendAsync(HttpMethod.Post, "/images/read", form)));

        var blobs = Path.Combine(App.DataDirectory, "blobs");
        Assert.Empty(Directory.Exists(blobs) ? Directory.EnumerateFiles(blobs, "*", SearchOption.AllDirectories).Where(IsBlob) : []);

        static bool IsBlob(string path) => Path.GetFileName(path).Length >= 64;
    }

    [Fact]
    public async Task What_is_no_picture_is_refused_as_an_upload_is()
    {
        foreach (var bytes in (byte[][])[[], [.. "%PDF-1.7"u8], [.. "<svg/>"u8], Bytes("plain.png")[..40], [.. "a fox"u8]])
        {
            var (read, stored) = (await ReadAsync(bytes), await App.UploadAsync(bytes));
            Assert.Equal((415, "unsupported_media_type"), (read.Status, read.Code));
            Assert.Equal(stored["detail"].GetString(), read["detail"].GetString());
        }
        Assert.Equal(413, (await ReadAsync(new byte[(20 << 20) + 1])).Status);
    }

    [Fact]
    public async Task A_key_needs_the_right_to_read_and_nothing_is_spent()
    {
        await using var app = await Keys.StartAsync();
        var key = (await app.MakeAsync("reader", "read")).Secret;

        Assert.Equal(401, (await app.SendAsync(HttpMethod.Post, "/images/read", new ByteArrayContent(Bytes("a1111.png")))).Status);
        var answer = await app.SendAsync(HttpMethod.Post, "/images/read", new ByteArrayContent(Bytes("a1111.png")), Keys.Of(key));

        Assert.Equal(200, answer.Status);
        Assert.Equal(0, app.Sandbox.Stats.Creations);
    }

    [Theory]
    [InlineData("Steps: 20, Seed: 18446744073709551615, Size: 64x64", "seed", "The seed 18446744073709551615 was left out")]
    [InlineData("Steps: 20, Seed: -1, Size: 64x64", "seed", "The seed -1 was left out")]
    [InlineData("Steps: 20, Seed: 1, Size: 513x777", "width", "The size 513 × 777 was left out")]
    [InlineData("Steps: 20, Seed: 1, Size: 0x64", "width", "The size 0 × 64 was left out")]
    [InlineData("Steps: 0, Seed: 1, Size: 64x64", "steps", "The number of steps 0 was left out")]
    [InlineData("Steps: 2.5, Seed: 1, Size: 64x64", "steps", "The number of steps 2.5 was left out")]
    [InlineData("Steps: 20, Seed: 1, CFG scale: 0", "guidance", "The guidance 0 was left out")]
    public async Task A_value_that_no_request_may_have_is_left_out_with_a_note(string pairs, string member, string note)
    {
        var answer = await ReadAsync(ReadingPictures.Png(("parameters", $"a fox\n{pairs}")));

        Assert.False(answer["request"].TryGetProperty(member, out _));
        AssertNotes(answer, note);
        await AssertAcceptedAsync(answer);
    }

    [Fact]
    public async Task A_prompt_that_no_request_may_have_is_only_in_the_settings()
    {
        var prompt = new string('ü', 32_001);

        var answer = await ReadAsync(ReadingPictures.Png(("parameters", $"{prompt}\nSteps: 20, Seed: 1, Size: 64x64")));

        Assert.False(answer["request"].TryGetProperty("prompt", out _));
        Assert.Equal(prompt, answer["settings", "Prompt"].GetString());
        AssertNotes(answer, "more than 32,000 characters");
    }

    /// <summary>Such texts are legal in a file and illegal in a request.</summary>
    [Fact]
    public async Task Half_of_a_surrogate_pair_and_NUL_make_no_request_that_is_refused()
    {
        const string json = """{"sui_image_params":{"prompt":"a\ud83e fox\u0000 \ud83e\udd8a \udd8a","seed":5,"\udead":NaN}}""";

        var answer = await ReadAsync(ReadingPictures.Png(("parameters", json)));

        Assert.Equal("a\uFFFD fox 🦊 \uFFFD", answer["request", "prompt"].GetString());
        await AssertAcceptedAsync(answer);
    }

    private static byte[] Bytes(string file) => ReadingPictures.Bytes(file);

    private Task<Answer> ReadAsync(byte[] bytes) => App.SendAsync(HttpMethod.Post, "/images/read", new ByteArrayContent(bytes));

    private async Task AssertAcceptedAsync(Answer answer)
    {
        var accepted = await App.GenerateAsync(answer["request"].GetRawText(), ("Prefer", "respond-async"));
        Assert.True(accepted.Status == 202, accepted.Text);
    }

    private static string Shown(Answer answer)
    {
        var request = answer["request"];
        return string.Join('|', answer["source"].GetString(), Text("prompt"), Text("negative_prompt"), $"{Text("width")}x{Text("height")}",
            Text("seed"), Text("steps"), Text("guidance"));

        string Text(string name) => !request.TryGetProperty(name, out var value) ? ""
            : value.ValueKind == JsonValueKind.Number ? value.GetDouble().ToString("0.###", CultureInfo.InvariantCulture)
            : value.GetString()!;
    }

    private static List<string> Notes(Answer answer) => [.. answer["notes"].EnumerateArray().Select(note => note.GetString()!)];

    private static void AssertNotes(Answer answer, params string[] parts) =>
        Assert.All(parts, part => Assert.Contains(Notes(answer), note => note.Contains(part, StringComparison.Ordinal)));

    /// <summary>A service whose runs never end: what is accepted is of interest here, and painting it is not.</summary>
    public sealed class StuckApp : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            App = await GenApiApp.StartAsync();
            App.Sandbox.Faults.Add(FaultKind.RunStuck, times: null);
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
