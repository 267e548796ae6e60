namespace GenApi.Tests.Models;

/// <summary>The address of a model's page, wherever a model can be named.</summary>
public sealed class ModelAddressTests(Hosting.BadInputTests.SharedApp shared) : IClassFixture<Hosting.BadInputTests.SharedApp>
{
    private const string Sdxl = "7762fd07cf82c948538e41f63f77d685e02b063e37e496e96eefd46c929f9bdc";
    private const string OldSdxl = "39ed52f2a78e934b3ba6e2a89f5b1c712de7dfea535525255b1aa35c5565e08b";

    private GenApiApp App => shared.App;

    [Theory]
    [InlineData("https://replicate.com/stability-ai/sdxl", Sdxl)]
    [InlineData("https://replicate.com/stability-ai/sdxl/", Sdxl)]
    [InlineData("https://replicate.com/Stability-AI/SDXL/versions/" + OldSdxl, OldSdxl)]
    [InlineData("stability-ai/sdxl@" + OldSdxl, OldSdxl)]
    [InlineData("Stability-AI/SDXL:" + OldSdxl, OldSdxl)]
    [InlineData(" sdxl ", Sdxl)]
    public async Task A_request_may_name_its_model_so_and_is_the_same_request(string model, string version)
    {
        var made = await App.GenerateAsync(new { prompt = "a red fox", model, seed = 21, width = 64, height = 64 });
        var plain = await App.GenerateAsync(
            new { prompt = "a red fox", model = $"stability-ai/sdxl:{version}", seed = 21, width = 64, height = 64 });

        Assert.Equal(("stability-ai/sdxl", version), (made["model"].GetString(), made["version"].GetString()));
        Assert.Equal((made.Id, "GenApi; hit"), (plain.Id, plain.Header("Cache-Status")));
    }

    [Theory]
    [InlineData("https://replicate.com/stability-ai/sdxl", Sdxl)]
    [InlineData("https://replicate.com/stability-ai/sdxl/", Sdxl)]
    [InlineData("https:/replicate.com/stability-ai/sdxl", Sdxl)]
    [InlineData("https%3A%2F%2Freplicate.com%2Fstability-ai%2Fsdxl", Sdxl)]
    [InlineData("https://replicate.com/stability-ai/sdxl/versions/" + OldSdxl, OldSdxl)]
    [InlineData("stability-ai/sdxl/versions/" + OldSdxl, OldSdxl)]
    [InlineData("stability-ai/sdxl@" + OldSdxl, OldSdxl)]
    [InlineData("Stability-AI/SDXL/", Sdxl)]
    [InlineData("sdxl/", Sdxl)]
    public async Task A_path_may_name_it_so(string path, string version)
    {
        var model = await App.GetAsync($"/models/{path}");

        Assert.Equal(("stability-ai/sdxl", version), (model["model"].GetString(), model["version"].GetString()));
    }

    [Theory]
    [InlineData("https%3A%2F%2Freplicate.com%2Fstability-ai%2Fsdxl/versions")]
    [InlineData("Stability-AI/SDXL/versions")]
    public async Task Its_versions_are_listed_so(string path) =>
        Assert.Equal(2, (await App.GetAsync($"/models/{path}"))["data"].GetArrayLength());

    [Theory]
    [InlineData("https://replicate.com/stability-ai/sdxl")]
    [InlineData("https://replicate.com/stability-ai/sdxl/versions/" + OldSdxl)]
    [InlineData("Stability-AI/SDXL@" + OldSdxl)]
    [InlineData("stability-ai/sdxl/")]
    [InlineData("SDXL")]
    public async Task A_list_is_filtered_by_it_so(string model)
    {
        var made = await App.GenerateAsync(new { prompt = "a red fox", model = "sdxl", seed = 22, width = 64, height = 64 });
        await App.GenerateAsync(new { prompt = "a red fox", model = "flux-schnell", seed = 22 });

        var list = await App.GetAsync($"/generations?model={Uri.EscapeDataString(model)}");

        Assert.Contains(list["data"].EnumerateArray(), each => each.GetProperty("id").GetString() == made.Id);
        Assert.All(list["data"].EnumerateArray(), each => Assert.Equal("stability-ai/sdxl", each.GetProperty("model").GetString()));
    }

    [Theory]
    [InlineData("https://replicate.com/black-forest-labs/flux-dev")]
    [InlineData("Black-Forest-Labs/Flux-Dev")]
    public async Task A_search_finds_it_so(string words)
    {
        var found = await App.GetAsync($"/models?q={Uri.EscapeDataString(words)}");

        var aliases = found["data"].EnumerateArray().Select(each => each.GetProperty("alias").GetString())
            .Where(alias => alias is not null);
        Assert.Equal("flux-dev", Assert.Single(aliases));
    }

    [Fact]
    public async Task Settings_may_name_it_so_and_prices_and_aliases_mean_the_same_model()
    {
        await using var app = await GenApiApp.StartAsync(new()
        {
            ["Models:Default"] = "https://replicate.com/stability-ai/sdxl",
            ["Models:Aliases:old"] = $"https://replicate.com/Stability-AI/SDXL/versions/{OldSdxl}",
            ["Models:Prices:Stability-AI/SDXL/:PerRun"] = "0.5",
        });

        var byDefault = await app.GenerateAsync(new { prompt = "a red fox", seed = 1, width = 64, height = 64 });
        var old = await app.GenerateAsync(new { prompt = "a red fox", model = "old", seed = 1, width = 64, height = 64 });
        var list = await app.GetAsync("/models");

        Assert.Equal(("stability-ai/sdxl", Sdxl), (byDefault["model"].GetString(), byDefault["version"].GetString()));
        Assert.Equal("0.5", byDefault["cost", "usd"].GetString());
        Assert.Equal(("stability-ai/sdxl", OldSdxl), (old["model"].GetString(), old["version"].GetString()));
        Assert.Equal("stability-ai/sdxl", list["default"].GetString());
    }
}
