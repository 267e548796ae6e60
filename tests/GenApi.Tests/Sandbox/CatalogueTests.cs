using System.Text.Json;
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
                    Assert.NotEqual(0, schemas.GetProperty(choice[0].GetProperty("$ref").GetString()!.Split('/')[^1]).GetProperty("enum").GetArrayLength());
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

    [Fact]
    public async Task Schemas_are_those_of_the_real_models()
    {
        var facts = SharedFile("model-schemas.json");
        if (facts is null)
            Assert.Skip("../shared/replicate is not here");
        await using var sandbox = await AtFullSpeedAsync();
        using var document = JsonDocument.Parse(await File.ReadAllTextAsync(facts, Ct));
        foreach (var (name, real) in document.RootElement.GetProperty("models").EnumerateObject().Select(m => (m.Name, m.Value)))
        {
            using var response = await sandbox.Http.GetAsync($"v1/models/{name}", Ct);
            if (!response.IsSuccessStatusCode)
                continue;
            var version = (await ReadAsync(response)).GetProperty("latest_version");
            Assert.Equal(real.GetProperty("latest_version_id").GetString(), version.GetProperty("id").GetString());
            var schemas = version.GetProperty("openapi_schema").GetProperty("components").GetProperty("schemas");
            var ours = schemas.GetProperty("Input").GetProperty("properties");
            Assert.Equal(real.GetProperty("input").EnumerateObject().Select(p => p.Name), ours.EnumerateObject().Select(p => p.Name));
            foreach (var input in real.GetProperty("input").EnumerateObject())
                AssertSame(name, input, ours.GetProperty(input.Name), schemas);
        }
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
        Assert.Equal("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", (await sandbox.GetAsync("v1/webhooks/default/secret")).GetProperty("key").GetString());
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
        Assert.Equal("2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824", upload.GetProperty("checksums").GetProperty("sha256").GetString());
        var address = upload.GetProperty("urls").GetProperty("get").GetString()!;
        Assert.Equal("in.png", (await sandbox.GetAsync(address)).GetProperty("name").GetString());
        Assert.Equal(1, (await sandbox.GetAsync("v1/files")).GetProperty("results").GetArrayLength());
        using var deleted = await sandbox.Http.DeleteAsync(address, Ct);
        Assert.Equal(204, (int)deleted.StatusCode);
        using var gone = await sandbox.Http.GetAsync(address, Ct);
        Assert.Equal(404, (int)gone.StatusCode);
    }

    private static void AssertSame(string model, JsonProperty real, JsonElement ours, JsonElement schemas)
    {
        var choices = ours.TryGetProperty("allOf", out var all) ? schemas.GetProperty(all[0].GetProperty("$ref").GetString()!.Split('/')[^1]) : (JsonElement?)null;
        var where = $"{model} {real.Name}";
        Assert.True(JsonElement.DeepEquals(real.Value.GetProperty("type"), (choices ?? ours).GetProperty("type")), where);
        foreach (var member in new[] { "default", "minimum", "maximum", "format", "x-order" })
        {
            var expected = real.Value.TryGetProperty(member, out var value) ? value.ToString() : null;
            Assert.True(expected == (ours.TryGetProperty(member, out var own) ? own.ToString() : null), $"{where} {member}");
        }
        if (real.Value.TryGetProperty("enum", out var values))
            Assert.True(JsonElement.DeepEquals(values, choices!.Value.GetProperty("enum")), $"{where} enum");
    }

    private static string? SharedFile(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "replicate", name);
            if (File.Exists(path))
                return path;
        }
        return null;
    }
}
