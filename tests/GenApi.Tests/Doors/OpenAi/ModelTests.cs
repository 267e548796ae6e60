namespace GenApi.Tests.Doors.OpenAi;

/// <summary>Tests the names of models: those that programs have built in, and the list that programs let users pick from.</summary>
public sealed class ModelTests(DoorHouse house) : IClassFixture<DoorHouse>
{
    [Fact]
    public async Task The_list_has_the_built_in_names_and_the_aliases()
    {
        var app = house.App;

        var list = await app.GetAsync("/v1/models");

        Assert.Equal("list", list["object"].GetString());
        var ids = list["data"].EnumerateArray().Select(model => model.GetProperty("id").GetString()!).ToList();
        string[] expected = ["gpt-image-1", "gpt-image-1-mini", "gpt-image-2", "dall-e-2", "dall-e-3", "sdxl", "flux-schnell"];
        Assert.Empty(expected.Except(ids));
        Assert.DoesNotContain(ids, id => id.Contains('*', StringComparison.Ordinal));
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(list["data"].EnumerateArray(), model =>
        {
            Assert.Equal("model", model.GetProperty("object").GetString());
            Assert.True(model.GetProperty("created").TryGetInt64(out _));
            Assert.NotEmpty(model.GetProperty("owned_by").GetString()!);
        });
    }

    [Theory]
    [InlineData("gpt-image-1", "gpt-image-1", "flux-1.1-pro")]
    [InlineData("gpt-image-9", "gpt-image-9", "flux-1.1-pro")]
    [InlineData("sdxl", "sdxl", "stability-ai/sdxl")]
    [InlineData("black-forest-labs/flux-schnell", "black-forest-labs/flux-schnell", "black-forest-labs/flux-schnell")]
    [InlineData("black-forest-labs%2Fflux-schnell", "black-forest-labs/flux-schnell", "black-forest-labs/flux-schnell")]
    public async Task One_model_shows_what_runs_under_its_name(string path, string id, string root)
    {
        var app = house.App;

        var model = await app.GetAsync($"/v1/models/{path}");

        Assert.Equal((200, id, root), (model.Status, model["id"].GetString(), model["root"].GetString()));
    }

    [Fact]
    public async Task An_unknown_model_is_404_in_the_errors_form()
    {
        var app = house.App;

        (await app.GetAsync("/v1/models/no-such-model")).AssertError(404, "invalid_request_error", "unknown_model", "model");
    }

    [Fact]
    public async Task The_operator_decides_about_names_models_and_the_usual_answer()
    {
        await using var app = await GenApiApp.StartAsync(new()
        {
            ["Doors:OpenAi:Models:dall-e-3"] = "",
            ["Doors:OpenAi:Models:gpt-image-1"] = "sdxl",
            ["Doors:OpenAi:Models:our-painter:Model"] = "sandbox/slow",
            ["Doors:OpenAi:Models:our-painter:ResponseFormat"] = "url",
            ["Doors:OpenAi:Models:gpt-image-2:ResponseFormat"] = "url",
            ["Models:Aliases:gpt-image-own"] = "sandbox/slow",
        });

        var ids = (await app.GetAsync("/v1/models"))["data"].EnumerateArray().Select(model => model.GetProperty("id").GetString()).ToList();
        Assert.Contains("our-painter", ids);
        Assert.DoesNotContain("dall-e-3", ids);
        Assert.Equal("stability-ai/sdxl", await ModelOfAsync("gpt-image-1", "b64_json"));
        Assert.Equal("sandbox/slow", await ModelOfAsync("our-painter", "url"));
        Assert.Equal("black-forest-labs/flux-1.1-pro", await ModelOfAsync("gpt-image-2", "url"));
        // An alias comes before a beginning.
        Assert.Equal("sandbox/slow", await ModelOfAsync("gpt-image-own", "b64_json"));

        async Task<string?> ModelOfAsync(string name, string form)
        {
            var made = await app.ImagesAsync(new { model = name, prompt = "a fox", size = "256x256" });
            Assert.Equal(form, made.Data()[0].Name);
            return (await app.GetAsync($"/generations/{made.Generations()[0]}"))["model"].GetString();
        }
    }

    [Fact]
    public async Task A_name_whose_alias_is_gone_is_not_listed()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Models:Aliases:flux-schnell"] = "" });

        var ids = (await app.GetAsync("/v1/models"))["data"].EnumerateArray().Select(model => model.GetProperty("id").GetString()).ToList();

        Assert.DoesNotContain("gpt-image-1-mini", ids);
        Assert.Contains("gpt-image-1", ids);
    }

    [Theory]
    [InlineData("Doors:OpenAi:Models:x", "not a model!")]
    [InlineData("Doors:OpenAi:Models:gpt-image-1:ResponseFormat", "base64")]
    [InlineData("Doors:OpenAi:Model:x", "sdxl")]
    public async Task A_wrong_entry_stops_the_start(string key, string value)
    {
        var folder = Directory.CreateTempSubdirectory("genapi-test-");
        try
        {
            var settings = new Dictionary<string, string?>
            {
                ["DataDirectory"] = folder.FullName,
                ["Urls"] = "http://127.0.0.1:0",
                [key] = value,
            };

            var (exitCode, _, errors) = await ProgramHere.RunToEndAsync(settings, folder.FullName);

            Assert.NotEqual(0, exitCode);
            Assert.Contains("Doors:OpenAi:Model", errors, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
