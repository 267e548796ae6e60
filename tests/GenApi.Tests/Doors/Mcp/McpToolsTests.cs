using System.Text.Json;
using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using ModelContextProtocol.Protocol;
using NetVips;

namespace GenApi.Tests.Doors.Mcp;

/// <summary>The tools that make, follow and cancel generations.</summary>
public sealed class McpToolsTests
{
    private static object Fox => new { prompt = "a red fox in snow", model = "sdxl", width = 64, height = 64, seed = 42 };

    [Theory]
    [InlineData("2025-11-25")]
    [InlineData("2026-07-28")]
    public async Task A_prompt_becomes_a_sentence_a_preview_a_lasting_link_and_ids(string version)
    {
        await using var app = await Keys.StartAsync();
        await using var client = await app.McpAsync(await app.KeyAsync("generate", "read"), version);

        var result = await client.ToolAsync("generate_image", Fox);

        Assert.NotEqual(true, result.IsError);
        Assert.Matches(@"^stability-ai/sdxl made 1 image as gen_\w+: seed 42, cost \$[\d.]+ \(estimated\)\.$", result.Sentence());
        var preview = Assert.Single(result.Content.OfType<ImageContentBlock>());
        // A small PNG is its own preview.
        Assert.Equal("image/png", preview.MimeType);
        using (var picture = Image.NewFromBuffer(preview.DecodedData.ToArray()))
            Assert.Equal((64, 64), (picture.Width, picture.Height));
        var link = Assert.Single(result.Content.OfType<ResourceLinkBlock>());
        Assert.Contains(link.Uri, result.Content.OfType<TextContentBlock>().Last().Text, StringComparison.Ordinal);
        Assert.Equal(link.Uri, result.Structured().GetProperty("images")[0].GetProperty("url").GetString());
        Assert.Equal("succeeded", result.Structured().GetProperty("status").GetString());
        // The link opens without a key, and its extension and type are the file's.
        Assert.StartsWith(app.Address.ToString(), link.Uri, StringComparison.Ordinal);
        var file = await app.GetAsync(new Uri(link.Uri).PathAndQuery);
        Assert.Equal((200, link.MimeType), (file.Status, file.Header("Content-Type")));
        Assert.EndsWith(".png", new Uri(link.Uri).AbsolutePath, StringComparison.Ordinal);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task An_answer_from_the_store_says_that_it_cost_nothing()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var client = await app.McpAsync();
        var first = await client.ToolAsync("generate_image", Fox);

        var again = await client.ToolAsync("generate_image", Fox);

        Assert.Equal(first.GenerationId(), again.GenerationId());
        Assert.Contains("made before, so this call cost nothing", again.Sentence(), StringComparison.Ordinal);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task The_catalogue_is_short_and_shows_a_key_what_it_may_call()
    {
        await using var app = await Keys.StartAsync();
        var (_, bytes, message) = await app.RpcAsync("tools/list", null, Keys.Of(await app.KeyAsync("generate", "read")));

        Assert.Equal(
            ["generate_image", "edit_image", "get_generation", "cancel_generation", "list_models", "search_images"], Names(message));
        Assert.InRange(bytes.Length, 1, 4_500);
        Assert.Equal(
            ["get_generation", "list_models", "search_images"],
            Names((await app.RpcAsync("tools/list", null, Keys.Of(await app.KeyAsync("read")))).Message));
        Assert.Equal(
            ["generate_image", "edit_image", "cancel_generation"],
            Names((await app.RpcAsync("tools/list", null, Keys.Of(await app.KeyAsync("generate")))).Message));

        static string[] Names(JsonElement message) =>
            [.. message.GetProperty("result").GetProperty("tools").EnumerateArray().Select(tool => tool.GetProperty("name").GetString()!)];
    }

    [Fact]
    public async Task A_failed_run_is_a_tool_error_with_the_reason_and_the_id()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails) { Text = "CUDA out of memory" });
        await using var client = await app.McpAsync();

        var result = await client.ToolAsync("generate_image", Fox);

        Assert.True(result.IsError);
        Assert.Contains("CUDA out of memory", result.Sentence(), StringComparison.Ordinal);
        Assert.Contains(result.GenerationId(), result.Sentence(), StringComparison.Ordinal);
        Assert.Equal("failed", result.Structured().GetProperty("status").GetString());
        Assert.Equal(1, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task An_image_is_edited_by_its_id_its_link_or_its_resource()
    {
        await using var app = await GenApiApp.StartAsync();
        await using var client = await app.McpAsync();
        var made = await client.ToolAsync("generate_image", Fox);
        var (id, link) = (made.ImageIds()[0], made.Content.OfType<ResourceLinkBlock>().First().Uri);

        foreach (var image in new[] { id, link, $"genapi://images/{id}" })
        {
            var edited = await client.ToolAsync(
                "edit_image", new { image, prompt = "the fox wears a hat", model = "sdxl", width = 64, height = 64, seed = 1 });
            Assert.True(edited.IsError != true, edited.Sentence());
            var info = await app.GetAsync($"/generations/{edited.GenerationId()}");
            Assert.Equal(id, info["input"].GetProperty("image").GetString());
        }
        // The three are the same request.
        Assert.Equal(2, app.Sandbox.Stats.Creations);
        var none = await client.ToolAsync("edit_image", new { prompt = "the fox wears a hat" });
        Assert.True(none.IsError);
        Assert.StartsWith("$.image: 'image' is missing.", none.Sentence(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_generation_can_be_canceled_and_an_ended_one_says_so()
    {
        await using var app = await GenApiApp.StartAsync();
        app.Sandbox.Faults.Add(FaultKind.RunStuck);
        await using var client = await app.McpAsync();
        var accepted = await app.GenerateAsync(Fox, ("Prefer", "respond-async"));

        var canceled = await client.ToolAsync("cancel_generation", new { generation_id = accepted.Id });
        var ended = await client.ToolAsync("get_generation", new { generation_id = accepted.Id });
        var again = await client.ToolAsync("cancel_generation", new { generation_id = accepted.Id });

        Assert.Matches("^gen_.* (will be canceled|is canceled)", canceled.Sentence());
        Assert.True(ended.IsError);
        Assert.Contains("canceled", ended.Sentence(), StringComparison.Ordinal);
        Assert.EndsWith("had ended before: it is canceled.", again.Sentence(), StringComparison.Ordinal);
    }
}
