using System.Text;
using System.Text.Json;
using GenApi.Tests.Accounts;
using GenApi.Tests.Hosting;

namespace GenApi.Tests.Doors.Replicate.Catalogue;

/// <summary>What Replicate's clients can read about models on the door.</summary>
public sealed class ReplicateModelTests(BadInputTests.SharedApp shared) : IClassFixture<BadInputTests.SharedApp>
{
    private const string Door = "/replicate/v1";
    private const string SdxlVersion = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";

    /// <summary>Members that the Python client requires, be they null or not.</summary>
    private static readonly string[] Members =
    [
        "url", "owner", "name", "description", "visibility", "github_url", "paper_url", "license_url", "run_count", "cover_image_url",
        "default_example", "latest_version",
    ];

    private GenApiApp App => shared.App;

    [Theory]
    [InlineData("stability-ai/sdxl", false)]
    [InlineData("black-forest-labs/flux-schnell", true)]
    [InlineData("sandbox/video", true)]
    public async Task A_model_has_what_typed_clients_require(string model, bool isOfficial)
    {
        var answer = await App.GetAsync($"{Door}/models/{model}");

        Assert.Equal(200, answer.Status);
        Assert.All(Members, name => Assert.True(answer.Json.TryGetProperty(name, out _), name));
        Assert.Equal(isOfficial, answer["is_official"].GetBoolean());
        var version = answer["latest_version"];
        Assert.Matches("^[0-9a-f]{64}$", version.GetProperty("id").GetString());
        Assert.NotEqual("", version.GetProperty("cog_version").GetString());
        Assert.True(version.GetProperty("created_at").TryGetDateTime(out _));
        Assert.True(version.GetProperty("openapi_schema").GetProperty("components").GetProperty("schemas").TryGetProperty("Input", out _));
        var shown = isOfficial ? "hidden" : version.GetProperty("id").GetString();
        Assert.Equal(shown, answer["default_example"].GetProperty("version").GetString());
    }

    /// <summary>Scripts read the latest version of any model and run that; official ones run by name here.</summary>
    [Theory]
    [InlineData("black-forest-labs/flux-schnell")]
    [InlineData("bytedance/sdxl-lightning-4step")]
    public async Task The_latest_version_can_be_run_by_its_id_alone(string model)
    {
        var version = (await App.GetAsync($"{Door}/models/{model}"))["latest_version"].GetProperty("id").GetString();

        var made = await App.PostAsync(
            $"{Door}/predictions", new { version, input = new { prompt = "a red fox", seed = 7 } }, ("Prefer", "wait"));

        Assert.Equal((201, model), (made.Status, made["model"].GetString()));
    }

    [Fact]
    public async Task The_list_has_each_model_with_an_alias_once()
    {
        var page = await App.GetAsync($"{Door}/models");

        var names = Names(page["results"]);
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        Assert.Equal(names.Distinct(), names);
        Assert.Contains("stability-ai/sdxl", names);
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (page["next"].ValueKind, page["previous"].ValueKind));
    }

    [Theory]
    [InlineData("sdxl")]
    [InlineData("\"sdxl\"")]
    public async Task A_search_by_QUERY_takes_words_with_and_without_quotes(string body)
    {
        var found = await QueryAsync(App, body);

        Assert.Equal(200, found.Status);
        Assert.Contains("stability-ai/sdxl", Names(found["results"]));
        Assert.Equal(Names(found["results"]).Distinct(), Names(found["results"]));
    }

    /// <summary>The list of LobeChat.</summary>
    [Theory]
    [InlineData("flux")]
    [InlineData("stable diffusion")]
    [InlineData("sdxl")]
    [InlineData("recraft")]
    [InlineData("ideogram")]
    [InlineData("imagen")]
    public async Task Six_searches_in_a_row_are_answered(string words)
    {
        var found = await QueryAsync(App, JsonSerializer.Serialize(words));

        Assert.Equal(200, found.Status);
        Assert.All(found["results"].EnumerateArray(), model =>
            Assert.All(Members, name => Assert.True(model.TryGetProperty(name, out _), name)));
    }

    [Fact]
    public async Task A_search_finds_models_without_images_too()
    {
        Assert.Contains("sandbox/sound", Names((await QueryAsync(App, "sound"))["results"]));
    }

    [Fact]
    public async Task The_search_in_beta_has_its_own_shape()
    {
        var found = await App.GetAsync($"{Door}/search?query=flux&limit=1");

        Assert.Equal((200, "flux", 1), (found.Status, found["query"].GetString(), found["models"].GetArrayLength()));
        Assert.True(found["models"][0].TryGetProperty("metadata", out _));
        Assert.Equal((0, 0), (found["collections"].GetArrayLength(), found["pages"].GetArrayLength()));
    }

    [Theory]
    [InlineData("/search", "query")]
    [InlineData("/search?query=%20", "query")]
    [InlineData("/search?query=flux&limit=51", "limit")]
    [InlineData("/search?query=flux&limit=0", "limit")]
    [InlineData("/search?query=flux&page=2", "page")]
    [InlineData("/search?query=flux&query=sdxl", "query")]
    [InlineData("/models?cursor=nonsense", "cursor")]
    [InlineData("/models?sort_by=model_created_at", "sort_by")]
    [InlineData("/collections?cursor=YWh0dHA6Ly9leGFtcGxlLmNvbS8", "cursor")]
    [InlineData("/models/stability-ai/sdxl/versions?cursor=YS92MS9hY2NvdW50", "cursor")]
    public async Task A_wrong_parameter_is_named(string path, string name)
    {
        var refused = await App.GetAsync(Door + path);

        Assert.Equal((400, "application/problem+json"), (refused.Status, refused.Header("Content-Type")));
        Assert.Contains(name, refused["detail"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_words_are_refused()
    {
        Assert.Equal(400, (await QueryAsync(App, new string('x', 201))).Status);
        Assert.Equal(400, (await QueryAsync(App, new string('x', 100_000))).Status);
    }

    [Fact]
    public async Task Versions_are_listed_and_shown()
    {
        var list = await App.GetAsync($"{Door}/models/stability-ai/sdxl/versions");
        var one = await App.GetAsync($"{Door}/models/stability-ai/sdxl/versions/{SdxlVersion}");
        var official = await App.GetAsync($"{Door}/models/black-forest-labs/flux-dev/versions");

        Assert.Equal((SdxlVersion, 2), (list["results"][0].GetProperty("id").GetString(), list["results"].GetArrayLength()));
        Assert.Equal((SdxlVersion, "0.9.5"), (one.Id, one["cog_version"].GetString()));
        Assert.Equal(0, official["results"].GetArrayLength());
    }

    [Theory]
    [InlineData("/models/nobody/nothing")]
    [InlineData("/models/no%20body/no%2Fthing")]
    [InlineData("/models/nobody/nothing/versions")]
    [InlineData("/models/nobody/nothing/examples")]
    [InlineData("/models/stability-ai/sdxl/readme")]
    [InlineData("/models/stability-ai/sdxl/versions/123")]
    [InlineData("/models/stability-ai/sdxl/versions/0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("/collections/nothing")]
    [InlineData("/collections/..%2Faccount")]
    public async Task What_does_not_exist_is_a_problem_in_the_form_of_Replicate(string path)
    {
        var none = await App.GetAsync(Door + path);

        Assert.Equal((404, 404, "application/problem+json"), (none.Status, none["status"].GetInt32(), none.Header("Content-Type")));
        Assert.NotEqual("", none["detail"].GetString());
    }

    [Fact]
    public async Task An_example_is_a_finished_prediction_with_addresses_on_the_door()
    {
        var page = await App.GetAsync($"{Door}/models/stability-ai/sdxl/examples");

        var example = Assert.Single(page["results"].EnumerateArray());
        Assert.Equal("succeeded", example.GetProperty("status").GetString());
        Assert.Equal(JsonValueKind.Object, example.GetProperty("input").ValueKind);
        var address = example.GetProperty("urls").GetProperty("get").GetString();
        Assert.StartsWith($"{App.Address}replicate/v1/", address, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Collections_are_those_of_the_upstream()
    {
        var list = await App.GetAsync($"{Door}/collections");
        var one = await App.GetAsync($"{Door}/collections/text-to-image");

        Assert.Contains("text-to-image", list["results"].EnumerateArray().Select(row => row.GetProperty("slug").GetString()));
        Assert.Equal("text-to-image", one["slug"].GetString());
        Assert.Contains("stability-ai/sdxl", Names(one["models"]));
    }

    [Fact]
    public async Task Machines_and_the_account_are_there()
    {
        var hardware = await App.GetAsync($"{Door}/hardware");
        var account = await App.GetAsync($"{Door}/account");

        Assert.Equal("cpu", hardware.Json[0].GetProperty("sku").GetString());
        Assert.Equal(("user", true), (account["type"].GetString(), account["username"].GetString()!.Length > 0));
    }

    [Theory]
    [InlineData("GET", "/deployments", 404, "deployments")]
    [InlineData("POST", "/deployments", 404, "deployments")]
    [InlineData("PATCH", "/deployments/acme/shop", 404, "deployments")]
    [InlineData("POST", "/deployments/acme/shop/predictions", 404, "deployments")]
    [InlineData("GET", "/trainings", 404, "trainings")]
    [InlineData("POST", "/trainings/abc/cancel", 404, "trainings")]
    [InlineData("POST", "/models/stability-ai/sdxl/versions/" + SdxlVersion + "/trainings", 404, "trainings")]
    [InlineData("POST", "/models", 403, "Models")]
    [InlineData("DELETE", "/models/stability-ai/sdxl", 403, "Models")]
    [InlineData("DELETE", "/models/stability-ai/sdxl/versions/" + SdxlVersion, 403, "Models")]
    public async Task What_GenApi_does_not_have_says_so(string method, string path, int status, string word)
    {
        var answer = await App.SendAsync(new HttpMethod(method), Door + path, null);

        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.Header("Content-Type")));
        Assert.Equal(status, answer["status"].GetInt32());
        Assert.Contains(word, answer["detail"].GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_known_model_is_shown_while_the_upstream_is_down()
    {
        await using var app = await GenApiApp.StartAsync();
        var known = await app.GetAsync("/models/sdxl");
        await app.GetAsync($"{Door}/models/black-forest-labs/flux-dev");
        await app.RestartAsync(new() { ["Replicate:BaseUrl"] = "http://127.0.0.1:1" });

        var sdxl = await app.GetAsync($"{Door}/models/stability-ai/sdxl");
        var other = await app.GetAsync($"{Door}/models/recraft-ai/recraft-v3");
        var found = await QueryAsync(app, "sdxl");
        var nothing = await QueryAsync(app, "no such words");

        Assert.Equal((200, 200, 503), (known.Status, sdxl.Status, other.Status));
        Assert.True(sdxl["latest_version"].TryGetProperty("openapi_schema", out _));
        Assert.Contains("stability-ai/sdxl", Names(found["results"]));
        Assert.Equal(503, nothing.Status);
        Assert.Equal(200, (await app.GetAsync($"{Door}/models")).Status);
    }

    [Fact]
    public async Task Where_only_aliases_may_be_named_the_others_are_not_shown()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Models:AllowAny"] = "false" });

        var named = await app.GetAsync($"{Door}/models/black-forest-labs/flux-schnell");
        var other = await app.GetAsync($"{Door}/models/recraft-ai/recraft-v3");
        var found = await QueryAsync(app, "recraft");
        var collection = await app.GetAsync($"{Door}/collections/text-to-image");

        Assert.Equal((200, 404, 0), (named.Status, other.Status, found["results"].GetArrayLength()));
        Assert.DoesNotContain("recraft-ai/recraft-v3", Names(collection["models"]));
        Assert.Contains("black-forest-labs/flux-schnell", Names(collection["models"]));
    }

    [Fact]
    public async Task A_key_is_needed_and_may_come_as_Token()
    {
        await using var app = await Keys.StartAsync();
        var (id, secret) = await app.MakeAsync("shop");

        var without = await app.GetAsync($"{Door}/models");
        var account = await app.GetAsync($"{Door}/account", ("Authorization", $"Token {secret}"));
        var files = await app.GetAsync($"{Door}/files", ("Authorization", $"Bearer {secret}"));

        Assert.Equal((401, "Unauthenticated"), (without.Status, without["title"].GetString()));
        Assert.Equal((200, id, "shop"), (account.Status, account["username"].GetString(), account["name"].GetString()));
        Assert.Equal(200, files.Status);
    }

    internal static Task<Answer> QueryAsync(GenApiApp app, string body) =>
        app.SendAsync(new HttpMethod("QUERY"), $"{Door}/models", new StringContent(body, Encoding.UTF8, "text/plain"));

    private static List<string> Names(JsonElement models) =>
    [
        .. models.EnumerateArray().Select(model => $"{model.GetProperty("owner").GetString()}/{model.GetProperty("name").GetString()}"),
    ];
}
