using System.Text.Json;
using GenApi.Tests.Models;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

public sealed class CatalogueTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_listed_model_can_be_got_with_a_schema_whose_references_lead_somewhere()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var models = (await sandbox.GetAsync("v1/models")).GetProperty("results").EnumerateArray().ToArray();
        Assert.True(models.Length >= 17);
        foreach (var row in models)
        {
            var name = $"{row.GetProperty("owner").GetString()}/{row.GetProperty("name").GetString()}";
            var model = await sandbox.GetAsync($"v1/models/{name}");
            var version = model.GetProperty("latest_version");
            Assert.Matches("^[0-9a-f]{64}$", version.GetProperty("id").GetString());
            var schemas = version.GetProperty("openapi_schema").GetProperty("components").GetProperty("schemas");
            foreach (var property in schemas.GetProperty("Input").GetProperty("properties").EnumerateObject())
            {
                Assert.True(property.Value.TryGetProperty("x-order", out _));
                if (property.Value.TryGetProperty("allOf", out var choice))
                {
                    var list = choice[0].GetProperty("$ref").GetString()!.Split('/')[^1];
                    Assert.NotEqual(0, schemas.GetProperty(list).GetProperty("enum").GetArrayLength());
                }
                else
                    Assert.NotNull(property.Value.GetProperty("type").GetString());
            }
        }
    }

    [Fact]
    public async Task Community_models_list_their_versions_and_official_ones_do_not()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var versions = (await sandbox.GetAsync("v1/models/stability-ai/sdxl/versions")).GetProperty("results");
        Assert.Equal(SdxlVersion, versions[0].GetProperty("id").GetString());
        Assert.Equal(2, versions.GetArrayLength());
        Assert.Equal(0, (await sandbox.GetAsync("v1/models/black-forest-labs/flux-dev/versions")).GetProperty("results").GetArrayLength());
        var one = await sandbox.GetAsync($"v1/models/stability-ai/sdxl/versions/{SdxlVersion}");
        Assert.Equal("0.9.5", one.GetProperty("cog_version").GetString());
    }

    /// <summary>KnownSchemasTests checks that our schemas agree with the real ones.</summary>
    [Fact]
    public async Task Schemas_are_those_of_the_real_models()
    {
        await using var sandbox = await AtFullSpeedAsync();
        var compared = 0;
        foreach (var (name, version) in KnownSchemas.Versions)
        {
            using var response = await sandbox.Http.GetAsync($"v1/models/{name}", Ct);
            if (!response.IsSuccessStatusCode)
                continue;
            var latest = (await ReadAsync(response)).GetProperty("latest_version");
            Assert.Equal(version, latest.GetProperty("id").GetString());
            var schemas = latest.GetProperty("openapi_schema").GetProperty("components").GetProperty("schemas");
            var known = KnownSchemas.Documents[name].GetProperty("components").GetProperty("schemas");
            var (real, ours) = (Inputs(known), Inputs(schemas));
            Assert.Equal(real.EnumerateObject().Select(input => input.Name), ours.EnumerateObject().Select(input => input.Name));
            foreach (var input in real.EnumerateObject())
                AssertSame($"{name} {input.Name}", input.Value, known, ours.GetProperty(input.Name), schemas);
            compared++;
        }
        Assert.Equal(9, compared);

        static JsonElement Inputs(JsonElement schemas) => schemas.GetProperty("Input").GetProperty("properties");
    }

    [Theory]
    [InlineData("v1/models/nobody/nothing")]
    [InlineData("v1/models/stability-ai/sdxl/versions/123")]
    [InlineData("v1/predictions/nope")]
    [InlineData("v1/nothing/here")]
    public async Task What_does_not_exist_is_a_problem(string path)
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var response = await sandbox.Http.GetAsync(path, Ct);
        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task Account_hardware_and_secret_are_there()
    {
        await using var sandbox = await AtFullSpeedAsync(o => o.WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        Assert.Equal("sandbox", (await sandbox.GetAsync("v1/account")).GetProperty("username").GetString());
        Assert.Equal("cpu", (await sandbox.GetAsync("v1/hardware"))[0].GetProperty("sku").GetString());
        Assert.Equal(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            (await sandbox.GetAsync("v1/webhooks/default/secret")).GetProperty("key").GetString());
    }

    [Fact]
    public async Task A_file_can_be_uploaded_looked_at_and_deleted()
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var form = new MultipartFormDataContent { { new ByteArrayContent("hello"u8.ToArray()), "content", "in.png" } };
        using var response = await sandbox.Http.PostAsync("v1/files", form, Ct);
        Assert.Equal(201, (int)response.StatusCode);
        var upload = await ReadAsync(response);
        Assert.Equal(5, upload.GetProperty("size").GetInt32());
        Assert.Equal(
            "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
            upload.GetProperty("checksums").GetProperty("sha256").GetString());
        var address = upload.GetProperty("urls").GetProperty("get").GetString()!;
        Assert.Equal("in.png", (await sandbox.GetAsync(address)).GetProperty("name").GetString());
        Assert.Equal(1, (await sandbox.GetAsync("v1/files")).GetProperty("results").GetArrayLength());
        using var deleted = await sandbox.Http.DeleteAsync(address, Ct);
        Assert.Equal(204, (int)deleted.StatusCode);
        using var gone = await sandbox.Http.GetAsync(address, Ct);
        Assert.Equal(404, (int)gone.StatusCode);
    }

    private static void AssertSame(string where, JsonElement real, JsonElement known, JsonElement ours, JsonElement schemas)
    {
        var (theirRule, ourRule) = (Rule(real, known), Rule(ours, schemas));
        Assert.True(JsonElement.DeepEquals(theirRule.GetProperty("type"), ourRule.GetProperty("type")), where);
        foreach (var member in new[] { "default", "minimum", "maximum", "format", "x-order" })
            Assert.True(Text(real, member) == Text(ours, member), $"{where} {member}");
        Assert.True(Text(theirRule, "enum") == Text(ourRule, "enum"), $"{where} enum");

        static JsonElement Rule(JsonElement property, JsonElement schemas) => property.TryGetProperty("allOf", out var all)
            ? schemas.GetProperty(all[0].GetProperty("$ref").GetString()!.Split('/')[^1])
            : property;
        static string? Text(JsonElement element, string member) =>
            element.TryGetProperty(member, out var value) ? JsonSerializer.Serialize(value) : null;
    }
}
