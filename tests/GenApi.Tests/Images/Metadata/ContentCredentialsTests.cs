using System.Text.Json;
using GenApi.Core.Images.Metadata;
using GenApi.Tests.Documentation;

namespace GenApi.Tests.Images.Metadata;

/// <summary>
/// C2PA manifests: <c>@contentauth/c2pa-wasm</c>, by the authors of the standard's library, reads what is stored and what is copied.
/// </summary>
public sealed class ContentCredentialsTests : IDisposable
{
    private const string Script = """
        import { readFileSync, readdirSync } from "node:fs";
        import { createRequire } from "node:module";
        import { initSync, WasmReader } from "@contentauth/c2pa-wasm";
        initSync({ module: readFileSync(createRequire(import.meta.url).resolve("@contentauth/c2pa-wasm/c2pa.wasm")) });
        const seen = {};
        for (const name of readdirSync(".").filter(each => /^\w+\.(png|jpg|webp|avif)$/.test(each))) {
          const type = "image/" + name.split(".")[1].replace("jpg", "jpeg");
          try {
            const reader = await WasmReader.fromBytes(type, new Uint8Array(readFileSync(name)));
            seen[name] = JSON.parse(reader.json()).validation_state;
          } catch (failure) { seen[name] = String(failure); }
        }
        console.log(JSON.stringify(seen));
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("genapi-c2pa-").FullName;

    [Fact]
    public async Task A_stored_manifest_stays_valid_and_a_copy_with_settings_has_none()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(new { prompt = "a lighthouse", model = "sandbox/signed", seed = 1 });
        var path = made.ImageUrl().PathAndQuery;
        var original = (await app.GetAsync(path)).Body;
        var copy = (await app.GetAsync($"{path}?metadata=embedded")).Body;
        Assert.Equal(Copies.Signed("png"), original);
        Assert.Equal(Copies.Pixels(original), Copies.Pixels(copy));
        await WriteAsync("stored.png", original);
        await WriteAsync("copy.png", copy);

        var seen = await VerifyAsync();

        Assert.Equal("Valid", seen["stored.png"]);
        Assert.Contains("JumbfNotFound", seen["copy.png"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_copy_has_a_manifest_whatever_the_format()
    {
        foreach (var extension in (string[])["png", "jpg", "webp", "avif"])
        {
            var original = Copies.Signed(extension);
            await WriteAsync($"original.{extension}", original);
            var copy = SettingsWriter.Embed(original, Copies.Settings("a lighthouse"));
            await WriteAsync($"copy.{extension}", copy);

            Assert.True(ContentCredentials.ArePresent(original));
            Assert.False(ContentCredentials.ArePresent(copy));
            Assert.Equal(Copies.Pixels(original), Copies.Pixels(copy));
        }

        var seen = await VerifyAsync();

        Assert.Equal(8, seen.Count);
        Assert.All(seen, each =>
        {
            var expected = each.Key.StartsWith("original", StringComparison.Ordinal) ? "Valid" : "JumbfNotFound";
            Assert.Contains(expected, each.Value, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task The_facts_of_an_image_say_whether_it_carries_a_manifest()
    {
        await using var app = await GenApiApp.StartAsync();
        async Task<(bool? Said, string Type)> FactsOfAsync(string model, int index = 0)
        {
            var made = await app.GenerateAsync(new { prompt = "a lighthouse", model, seed = 1 });
            var facts = await app.GetAsync(made.ImageUrl(index).AbsolutePath + "/info");
            var said = facts["content_credentials"];
            bool? value = said.ValueKind == JsonValueKind.Null ? null : said.GetBoolean();
            return (value, facts["image", "content_type"].GetString()!);
        }

        Assert.Equal((true, "image/png"), await FactsOfAsync("sandbox/signed"));
        Assert.Equal((false, "image/png"), await FactsOfAsync("sandbox/facts"));
        // JPEG XL may carry one, but its boxes are not read.
        Assert.Equal((null, "image/jxl"), await FactsOfAsync("sandbox/formats"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Task WriteAsync(string name, byte[] bytes) =>
        File.WriteAllBytesAsync(Path.Combine(_folder, name), bytes, TestContext.Current.CancellationToken);

    private async Task<Dictionary<string, string>> VerifyAsync()
    {
        await NodeTools.LinkAsync(_folder);
        await File.WriteAllTextAsync(Path.Combine(_folder, "verify.mjs"), Script, TestContext.Current.CancellationToken);
        return JsonSerializer.Deserialize<Dictionary<string, string>>(await NodeTools.RunAsync(["verify.mjs"], _folder))!;
    }
}
