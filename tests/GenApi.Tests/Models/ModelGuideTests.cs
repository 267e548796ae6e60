using System.Text.Json;
using System.Text.Json.Nodes;
using GenApi.Core.Errors;
using GenApi.Core.Models.Catalogue;
using GenApi.Tests.Replicate;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;

namespace GenApi.Tests.Models;

public sealed class ModelGuideTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_list_asks_the_upstream_once_for_each_model_and_never_again()
    {
        await using var house = await CatalogueHouse.OpenAsync(("Models:Aliases:xl", "stability-ai/sdxl"));
        var first = await house.Guide.ListAsync(100, null, Ct);
        Assert.Equal(8, first.Models.Count);
        Assert.All(first.Models, model => Assert.NotNull(model.Description));
        // Two aliases stand for one model.
        Assert.Equal(7, house.Requests);
        Assert.Equal(first.Models, (await house.Guide.ListAsync(100, null, Ct)).Models);
        Assert.Equal(7, house.Requests);
    }

    [Fact]
    public async Task A_list_comes_while_the_upstream_is_down_and_does_not_ask_again_at_once()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        await house.Guide.GetAsync("flux-dev", Ct);
        await house.StopUpstreamAsync();
        var list = await house.Guide.ListAsync(100, null, Ct);
        Assert.Equal(7, list.Models.Count);
        Assert.Equal("flux-dev", Assert.Single(list.Models, model => model.DescribedAt is not null).Alias);
        Assert.NotNull(Assert.Single(list.Models, model => model.Alias == "sdxl").Version);
        var asked = house.Requests;
        await house.Guide.ListAsync(100, null, Ct);
        Assert.Equal(asked, house.Requests);
        house.Time.Advance(ModelDescriptions.Pause);
        await house.Guide.ListAsync(100, null, Ct);
        Assert.NotEqual(asked, house.Requests);
    }

    [Fact]
    public async Task An_upstream_that_does_not_answer_holds_a_list_up_for_seconds_only_and_is_asked_to_the_end()
    {
        var answer = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(async context =>
        {
            await answer.Task.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync(
                """{"owner":"stability-ai","name":"stable-diffusion-3.5-large","is_official":true,"description":"late"}""",
                context.RequestAborted);
        });
        await using var house = await CatalogueHouse.OpenAtAsync(server.BaseUrl);
        Assert.All((await house.Guide.ListAsync(100, "sd", Ct)).Models, model => Assert.Null(model.Description));
        answer.SetResult();
        await house.Catalogue.ResolveAsync("sd-3.5-large", Ct);
        Assert.Equal("late", (await house.Guide.ListAsync(1, "sd", Ct)).Models[0].Description);
    }

    [Fact]
    public async Task An_alias_for_a_model_that_is_gone_is_listed_still()
    {
        await using var house = await CatalogueHouse.OpenAsync(("Models:Aliases:aaa", "nobody/nothing"));
        var list = await house.Guide.ListAsync(2, null, Ct);
        Assert.Equal(("aaa", "nobody/nothing"), (list.Models[0].Alias, list.Models[0].Reference));
        Assert.Null(list.Models[0].Description);
        Assert.NotNull(list.Models[1].Description);
    }

    [Fact]
    public async Task A_known_model_is_told_in_full_after_a_restart_without_the_upstream()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        var before = await house.Guide.GetAsync("sdxl", Ct);
        await house.StopUpstreamAsync();
        await house.RestartAsync();
        var after = await house.Guide.GetAsync("sdxl", Ct);
        Assert.Equal(before.Model, after.Model);
        Assert.Equal(before.InputSchema!.ToJsonString(), after.InputSchema!.ToJsonString());
        Assert.Equal(before.ExampleRequest.ToJsonString(), after.ExampleRequest.ToJsonString());
        Assert.Equal(before.Example!.Output, after.Example!.Output);
        Assert.Equal("A text-to-image model that makes detailed pictures of 1024 pixels", after.Model.Description);
    }

    [Fact]
    public async Task A_row_from_before_descriptions_were_kept_gets_its_description()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        await house.Catalogue.ResolveAsync("flux-dev", Ct);
        await using (var db = await house.Contexts.CreateDbContextAsync(Ct))
            await db.Database.ExecuteSqlRawAsync("UPDATE Models SET Description = NULL, Example = NULL, DescribedAt = NULL", Ct);
        await house.RestartAsync();
        var model = await house.Guide.GetAsync("flux-dev", Ct);
        Assert.NotNull(model.Model.Description);
        Assert.NotNull(model.Example);
        Assert.Equal(2, house.Requests);
    }

    [Fact]
    public async Task A_description_is_read_again_with_the_rest_of_what_may_change()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        await house.Guide.GetAsync("sdxl", Ct);
        house.Time.Advance(TimeSpan.FromHours(2));
        await house.Catalogue.RefreshDueAsync(Ct);
        // The version that the alias pins, its model, and the model again.
        Assert.Equal(3, house.Requests);
        Assert.True((await house.Guide.GetAsync("sdxl", Ct)).Model.DescribedAt > TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1));
    }

    [Fact]
    public async Task A_search_finds_aliases_by_every_word_and_models_of_the_upstream_after_them()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        await house.Guide.ListAsync(100, null, Ct);
        var found = await house.Guide.SearchAsync("model pictures", 100, Ct);
        Assert.True(found.Answered);
        Assert.Equal(
            ["sdxl", "flux-dev"], found.Models.Where(model => model.Alias is not null).Select(model => model.Alias).OrderDescending());
        Assert.Equal(
            ["google/imagen-4", "ideogram-ai/ideogram-v2", "recraft-ai/recraft-v3", "sandbox/formats", "sandbox/mesh"],
            found.Models.Where(model => model.Alias is null).Select(model => model.Reference).Order());
        Assert.Equal(
            found.Models.OrderBy(model => model.Alias is null).Select(model => model.Reference),
            found.Models.Select(model => model.Reference));
        Assert.Equal(2, (await house.Guide.SearchAsync("model pictures", 2, Ct)).Models.Count);
        Assert.Empty((await house.Guide.SearchAsync("submarine", 100, Ct)).Models);
    }

    [Fact]
    public async Task A_search_while_the_upstream_is_down_still_finds_aliases_and_says_so()
    {
        await using var house = await CatalogueHouse.OpenAsync();
        await house.StopUpstreamAsync();
        var found = await house.Guide.SearchAsync("FLUX", 100, Ct);
        Assert.Equal(3, found.Models.Count);
        Assert.Equal((false, "upstream_unavailable"), (found.Answered, found.Code));
    }

    [Fact]
    public async Task Where_only_aliases_may_be_named_only_aliases_are_searched()
    {
        await using var house = await CatalogueHouse.OpenAsync(("Models:AllowAny", "false"));
        var found = await house.Guide.SearchAsync("sdxl", 100, Ct);
        Assert.Equal(["sdxl", "sdxl-lightning"], found.Models.Select(model => model.Alias));
        Assert.Equal((false, null), (found.Answered, found.Code));
        Assert.Equal(0, house.Requests);
        foreach (var reference in new[] { "stability-ai/sdxl", "google/imagen-4" })
            Assert.Equal(
                ErrorKind.UnknownModel, (await Assert.ThrowsAsync<GenApiException>(() => house.Guide.GetAsync(reference, Ct))).Kind);
        // The model behind an alias is described all the same.
        Assert.NotNull((await house.Guide.GetAsync("sdxl", Ct)).Model.Description);
    }

    [Theory]
    [InlineData("""{"type":"string"}""", "null", false)]
    [InlineData("""{"type":"array","items":{"type":"string"},"x-cog-array-type":"iterator"}""", "null", false)]
    [InlineData("""{"type":"string","format":"uri"}""", "null", true)]
    [InlineData("""{"type":"string","format":"uri"}""", "\"https://a.example/x/out.mp4\"", false)]
    [InlineData("""{"type":"string","format":"uri"}""", "\"https://a.example/x/out.MP3?a=.png\"", false)]
    [InlineData("""{"type":"string","format":"uri"}""", "\"https://a.example/x/out.WebP\"", true)]
    [InlineData(
        """{"type":"array","items":{"$ref":"#/components/schemas/Made"}}""", """[{"image":"https://a.example/1.png","text":"a"}]""", true)]
    [InlineData("""{"type":"array","items":{"$ref":"#/components/schemas/Said"}}""", "null", false)]
    [InlineData("{}", "null", true)]
    [InlineData("null", "\"data:image/png;base64,AA==\"", true)]
    [InlineData("null", "\"data:audio/wav;base64,AA==\"", false)]
    public async Task What_is_known_to_make_no_images_is_left_out_of_a_search_and_counted(string output, string example, bool isKept)
    {
        var model = """
            {"owner":"a","name":"b","is_official":false,"default_example":{"id":"x","output":EXAMPLE},
            "latest_version":{"id":"v","openapi_schema":{"components":{"schemas":{
            "Output":OUTPUT,"Made":{"type":"object","properties":{"image":{"type":"string","format":"uri"}}},
            "Said":{"type":"object","properties":{"text":{"type":"string"}}}}}}}}
            """.Replace("EXAMPLE", example, StringComparison.Ordinal).Replace("OUTPUT", output, StringComparison.Ordinal);
        await using var server = await ScriptedServer.StartAsync(
            200, $$$"""{"query":"x","models":[{"model":{{{model}}},"metadata":{}},null,{"metadata":{}}],"collections":[],"pages":[]}""");
        await using var house = await CatalogueHouse.OpenAtAsync(server.BaseUrl);
        var found = await house.Guide.SearchAsync("x y&z", 7, Ct);
        Assert.Equal((isKept ? 1 : 0, isKept ? 0 : 1), (found.Models.Count, found.Dropped));
        Assert.Equal("/v1/search?query=x%20y%26z&limit=7", Assert.Single(server.Requests).Target);
    }

    [Fact]
    public async Task Versions_are_paged_by_a_cursor_that_leads_nowhere_else()
    {
        await using var server = await ScriptedServer.StartAsync(
            context => context.Response.WriteAsync(context.Request.Path.Value!.EndsWith("/versions", StringComparison.Ordinal)
            ? context.Request.QueryString.HasValue
                ? """{"next":null,"results":[{"id":"old"}]}"""
                : $$"""{"next":"http://{{context.Request.Host}}/v1/models/a/b/versions?cursor=cD0y%3D","results":["""
                    + $$"""{"id":"new","created_at":"2026-01-02T03:04:05Z"}]}"""
            : """{"owner":"a","name":"b","latest_version":{"id":"new"}}"""));
        await using var house = await CatalogueHouse.OpenAtAsync(server.BaseUrl);
        var first = await house.Guide.ListVersionsAsync("a/b", null, Ct);
        Assert.Equal(new ModelVersion("new", new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), true), Assert.Single(first.Versions));
        var second = await house.Guide.ListVersionsAsync("a/b", first.Next, Ct);
        Assert.Equal(("old", false, null), (second.Versions[0].Id, second.Versions[0].IsUsed, second.Next));
        Assert.Equal("/v1/models/a/b/versions?cursor=cD0y%3D", server.Requests.Last().Target);
        foreach (var elsewhere in new[] { "/v1/account?", "/v1/models/a/c/versions?cursor=1",
            "http://other.example/v1/models/a/b/versions?cursor=1" })
            Assert.Equal(
                ErrorKind.InvalidRequest,
                (await Assert.ThrowsAsync<GenApiException>(() => house.Guide.ListVersionsAsync("a/b", elsewhere, Ct))).Kind);
    }

    [Fact]
    public void An_example_of_megabytes_is_no_example_and_links_alone_are_shown()
    {
        var large = new JsonObject { ["image"] = new string('a', 100_000) }.Deserialize<JsonElement>();
        Assert.Null(ModelExample.Of(new() { Id = "x", Input = large }));
        Assert.Null(ModelExample.Of(null));
        var example = ModelExample.Of(
            new()
            {
                Id = "x",
                Input = JsonElement.Parse("""{"prompt":"a"}"""),
                Output = JsonElement.Parse("""["data:image/png;base64,AA==","https://a.example/1.png"]"""),
            })!;
        Assert.Equal(["https://a.example/1.png"], example.Output);
        Assert.Equal(example.Output, ModelExample.Parse(example.ToJson()).Output);
    }
}
