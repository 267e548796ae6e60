using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

/// <summary>The calls of Replicate's own clients beside predictions, in the form in which they send them.</summary>
public sealed class OfficialClientTests
{
    private const string Canary = "30e22229542eb3f79d4f945dacb58d32001b02cc313ae6f54eef27904edf3272";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sdxl")]
    [InlineData("\"sdxl\"")]
    [InlineData(" \"sdxl\" \n")]
    public async Task A_search_by_QUERY_takes_words_with_and_without_quotes(string body)
    {
        await using var sandbox = await AtFullSpeedAsync();

        var found = await QueryAsync(sandbox, body);

        Assert.Contains("stability-ai/sdxl", Names(found));
        Assert.All(Names(found), name => Assert.Contains("sdxl", name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_quote_that_is_no_JSON_is_a_word()
    {
        await using var sandbox = await AtFullSpeedAsync();

        Assert.Empty(Names(await QueryAsync(sandbox, "\"a\" \"b\"")));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("51")]
    [InlineData("many")]
    public async Task A_limit_out_of_range_is_refused(string limit)
    {
        await using var sandbox = await AtFullSpeedAsync();

        using var refused = await sandbox.Http.GetAsync($"v1/search?query=sdxl&limit={limit}", Ct);
        using var taken = await sandbox.Http.GetAsync("v1/search?query=sdxl&limit=50", Ct);

        Assert.Equal((400, 200), ((int)refused.StatusCode, (int)taken.StatusCode));
        Assert.Contains("limit", (await ReadAsync(refused)).GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Metadata_comes_as_a_field_and_as_a_file(bool isFile)
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var form = new MultipartFormDataContent { { new ByteArrayContent("hello"u8.ToArray()), "content", "in.png" } };
        var metadata = new StringContent("""{"customer":123}""", Encoding.UTF8, "application/json");
        if (isFile)
            form.Add(metadata, "metadata", "blob");
        else
            form.Add(metadata, "metadata");

        using var made = await sandbox.Http.PostAsync("v1/files", form, Ct);

        var file = await ReadAsync(made);
        Assert.Equal(123, file.GetProperty("metadata").GetProperty("customer").GetInt32());
        Assert.Equal("5d41402abc4b2a76b9719d911017c592", file.GetProperty("checksums").GetProperty("md5").GetString());
    }

    [Fact]
    public async Task A_form_may_name_the_file_and_its_type()
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var form = new MultipartFormDataContent
        {
            { new StringContent("song.wav"), "filename" },
            { new StringContent("audio/wav"), "type" },
            { new ByteArrayContent("hello"u8.ToArray()), "content", "x" },
        };

        using var made = await sandbox.Http.PostAsync("v1/files", form, Ct);

        var file = await ReadAsync(made);
        Assert.Equal(
            ("song.wav", "audio/wav"), (file.GetProperty("name").GetString(), file.GetProperty("content_type").GetString()));
    }

    [Fact]
    public async Task Files_are_listed_in_pages()
    {
        await using var sandbox = await AtFullSpeedAsync();
        for (var at = 0; at < 101; at++)
        {
            using var form = new MultipartFormDataContent { { new ByteArrayContent([1]), "content", $"{at}" } };
            using var made = await sandbox.Http.PostAsync("v1/files", form, Ct);
        }

        var first = await sandbox.GetAsync("v1/files");
        var second = await sandbox.GetAsync(first.GetProperty("next").GetString()!);

        Assert.Equal((100, "100"), (first.GetProperty("results").GetArrayLength(), FileName(first, 0)));
        Assert.Equal((1, "0"), (second.GetProperty("results").GetArrayLength(), FileName(second, 0)));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        var back = await sandbox.GetAsync(second.GetProperty("previous").GetString()!);
        Assert.Equal((100, "100"), (back.GetProperty("results").GetArrayLength(), FileName(back, 0)));

        static string FileName(JsonElement page, int index) => page.GetProperty("results")[index].GetProperty("name").GetString()!;
    }

    [Fact]
    public async Task A_signed_address_gives_the_bytes_of_a_file_and_any_other_none()
    {
        await using var sandbox = await AtFullSpeedAsync(options => options.FilesSecret = "secret");
        using var form = new MultipartFormDataContent { { new ByteArrayContent("hello"u8.ToArray()), "content", "in.png" } };
        using var made = await sandbox.Http.PostAsync("v1/files", form, Ct);
        var id = Id(await ReadAsync(made));
        var expiry = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
        var signature = Uri.EscapeDataString(Convert.ToBase64String(
            HMACSHA256.HashData("secret"u8, Encoding.UTF8.GetBytes($"sandbox {id} {expiry}"))));

        var address = $"v1/files/{id}/download?owner=sandbox&signature={signature}";

        using var bytes = await sandbox.Http.GetAsync($"{address}&expiry={expiry}", Ct);
        using var other = await sandbox.Http.GetAsync($"{address}&expiry={expiry + 1}", Ct);

        Assert.Equal("hello", await bytes.Content.ReadAsStringAsync(Ct));
        Assert.Equal(404, (int)other.StatusCode);
    }

    [Fact]
    public async Task The_canary_greets_and_streams_words_where_files_are_not_expected()
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var made = await sandbox.Http.PostAsJsonAsync(
            "v1/predictions", new { version = Canary, input = new { text = "Claire CommonJS" } }, Ct);
        var created = await ReadAsync(made);
        var stream = new Uri(created.GetProperty("urls").GetProperty("stream").GetString()!);

        var events = await WithoutTokenAsync(stream);

        Assert.Equal("hello there, Claire CommonJS", (await sandbox.LookAsync(created)).GetProperty("output").GetString());
        Assert.Contains("data: hello there, Claire CommonJS\n", events, StringComparison.Ordinal);
        Assert.StartsWith("/v1/streams/", stream.AbsolutePath, StringComparison.Ordinal);
        var schemas = (await sandbox.GetAsync("v1/models/replicate/canary"))
            .GetProperty("latest_version").GetProperty("openapi_schema").GetProperty("components").GetProperty("schemas");
        Assert.Equal("string", schemas.GetProperty("Output").GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("black-forest-labs/flux-schnell")]
    [InlineData("sandbox/clip")]
    public async Task Files_are_streamed_where_clients_make_file_objects_of_them(string model)
    {
        await using var sandbox = await AtFullSpeedAsync();
        var created = await sandbox.CreateAsync(new JsonObject { ["prompt"] = "x" }, model);
        var stream = new Uri(created.GetProperty("urls").GetProperty("stream").GetString()!);

        var events = await WithoutTokenAsync(stream);

        Assert.StartsWith("/v1/files/", stream.AbsolutePath, StringComparison.Ordinal);
        Assert.Contains($"data: {sandbox.Server.BaseUrl}files/", events, StringComparison.Ordinal);
        Assert.EndsWith("event: done\ndata: {}\n\n", events, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("wait=61")]
    [InlineData("wait=90")]
    [InlineData("wait=99")]
    public async Task A_client_may_wait_for_as_long_as_the_published_pattern_admits(string prefer)
    {
        await using var sandbox = await AtFullSpeedAsync();

        using var response = await sandbox.PostAsync(SmallPicture(), prefer: prefer);

        Assert.Equal((201, prefer), ((int)response.StatusCode, response.Headers.GetValues("Preference-Applied").Single()));
    }

    [Fact]
    public async Task Collections_hold_models()
    {
        await using var sandbox = await AtFullSpeedAsync();

        var slugs = (await sandbox.GetAsync("v1/collections")).GetProperty("results").EnumerateArray()
            .Select(row => row.GetProperty("slug").GetString()!).ToList();
        var collection = await sandbox.GetAsync("v1/collections/text-to-image");

        Assert.Contains("text-to-image", slugs);
        Assert.Contains("stability-ai/sdxl", collection.GetProperty("models").EnumerateArray().Select(Name));
        using var none = await sandbox.Http.GetAsync("v1/collections/none", Ct);
        Assert.Equal(404, (int)none.StatusCode);
    }

    [Fact]
    public async Task A_model_has_a_readme_and_an_example()
    {
        await using var sandbox = await AtFullSpeedAsync();

        using var readme = await sandbox.Http.GetAsync("v1/models/stability-ai/sdxl/readme", Ct);
        var examples = await sandbox.GetAsync("v1/models/stability-ai/sdxl/examples");

        Assert.StartsWith("# sdxl", await readme.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        Assert.Equal("text/plain", readme.Content.Headers.ContentType!.MediaType);
        Assert.Equal("succeeded", examples.GetProperty("results")[0].GetProperty("status").GetString());
    }

    private static async Task<JsonElement> QueryAsync(SandboxDriver sandbox, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod("QUERY"), "v1/models")
        {
            Content = new StringContent(body, Encoding.UTF8, "text/plain"),
        };
        using var response = await sandbox.Http.SendAsync(request, Ct);
        return await ReadAsync(response);
    }

    private static async Task<string> WithoutTokenAsync(Uri address)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(address, Ct);
    }

    private static List<string> Names(JsonElement page) => [.. page.GetProperty("results").EnumerateArray().Select(Name)];

    private static string Name(JsonElement model) => $"{model.GetProperty("owner").GetString()}/{model.GetProperty("name").GetString()}";
}
