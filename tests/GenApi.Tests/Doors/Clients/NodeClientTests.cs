using System.Text.Json;

namespace GenApi.Tests.Doors.Clients;

/// <summary>npm's replicate, openai, @langchain/openai, AI SDK 6 and 7 and MCP SDK, unmodified, on the doors.</summary>
[Collection(NodeClients.Name)]
public sealed class NodeClientTests(ClientApp app)
{
    /// <summary>Over plain http, a client of version 1 makes file objects of data: only.</summary>
    [Theory]
    [InlineData("replicate version", 128, 192, 1)]
    [InlineData("replicate upload", 128, 128, 1)]
    [InlineData("replicate official", null, null, 2)]
    public async Task Replicates_client_gets_files(string name, int? width, int? height, int count)
    {
        var files = (await app.ValueAsync(name)).EnumerateArray().ToList();

        Assert.Equal(count, files.Count);
        Assert.All(files, file => Assert.StartsWith("image/", Text(file, "type"), StringComparison.Ordinal));
        if (width is not null)
            Assert.All(files, file => Assert.Equal((width, height), (Number(file, "width"), Number(file, "height"))));
        Assert.Equal(1, app.CreationsOf(NodeCases.Marker(name)));
    }

    [Fact]
    public async Task Replicates_client_sees_a_run_begin_and_end()
    {
        var said = await app.ValueAsync("replicate progress");

        Assert.Equal("starting", said.GetProperty("seen")[0].GetString());
        Assert.Equal("succeeded", said.GetProperty("seen").EnumerateArray().Last().GetString());
        Assert.Equal(1, said.GetProperty("outputs").GetInt32());
    }

    [Fact]
    public async Task Replicates_client_streams()
    {
        var events = (await app.ValueAsync("replicate stream")).EnumerateArray().ToList();

        Assert.Contains(events, each => Text(each, "event") == "output");
        Assert.Equal("done", Text(events[^1], "event"));
    }

    [Fact]
    public async Task Replicates_client_cancels()
    {
        var said = await app.ValueAsync("replicate cancel");

        Assert.Equal(("starting", "canceled"), (Text(said, "made"), Text(said, "ended")));
    }

    [Fact]
    public async Task Everything_else_that_Replicates_client_has_methods_for_works()
    {
        var said = await app.ValueAsync("replicate surface");

        Assert.Equal(("starting", "succeeded"), (Text(said, "made"), Text(said, "ended")));
        Assert.All(["same", "listed", "version", "hasFile", "deleted"], name => Assert.True(said.GetProperty(name).GetBoolean(), name));
        Assert.Equal("stable-diffusion", Text(said, "model"));
        Assert.Contains("stability-ai/sdxl", said.GetProperty("found").EnumerateArray().Select(each => each.GetString()));
        Assert.All(["collections", "hardware"], name => Assert.True(said.GetProperty(name).GetInt32() > 0, name));
        Assert.Equal("the tests", Text(said.GetProperty("metadata"), "of"));
        Assert.NotEmpty(Text(said, "account"));
    }

    [Fact]
    public async Task Replicates_client_is_refused_with_a_sentence()
    {
        var said = await app.ValueAsync("replicate refusals");

        Assert.All(said.EnumerateObject(), each => Assert.DoesNotContain("not refused", each.Value.GetString()!, StringComparison.Ordinal));
        Assert.StartsWith("401 ", Text(said, "stranger"), StringComparison.Ordinal);
        Assert.StartsWith("404 ", Text(said, "missing"), StringComparison.Ordinal);
        Assert.Contains("num_outputs", Text(said, "input"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicates_client_finds_our_webhook_signed()
    {
        var said = await app.ValueAsync("replicate webhook");

        Assert.True(said.GetProperty("valid").GetBoolean());
        Assert.Equal(("succeeded", "replicate-webhook"), (Text(said, "status"), Text(said, "prompt")));
        Assert.Equal(1, said.GetProperty("outputs").GetInt32());
    }

    [Theory]
    [InlineData("openai mapped", "b64_json", "image/png", 1)]
    [InlineData("openai three", "b64_json", "image/png", 3)]
    [InlineData("openai link", "url", null, 1)]
    [InlineData("openai asked link", "url", "image/png", 1)]
    [InlineData("openai webp", "b64_json", "image/webp", 1)]
    [InlineData("openai one edit", "b64_json", "image/png", 1)]
    [InlineData("openai array edit", "b64_json", "image/png", 1)]
    [InlineData("openai variation", "b64_json", "image/png", 1)]
    public async Task OpenAIs_client_gets_pictures(string name, string member, string? type, int count)
    {
        var said = await app.ValueAsync(name);
        var pictures = said.GetProperty("pictures").EnumerateArray().ToList();

        Assert.Equal(count, pictures.Count);
        Assert.All(pictures, each =>
        {
            Assert.Equal([member], each.GetProperty("members").EnumerateArray().Select(name => name.GetString()));
            Assert.StartsWith(type ?? "image/", Text(each, "type"), StringComparison.Ordinal);
            if (member == "url")
            {
                Assert.Equal(Text(each, "type"), Text(each, "said"));
                Assert.Equal(
                    Text(each, "type")[6..].Replace("jpeg", "jpg", StringComparison.Ordinal),
                    Path.GetExtension(Text(each, "path")).TrimStart('.'));
            }
        });
        Assert.True(said.GetProperty("created").GetBoolean());
        Assert.True(said.GetProperty("usage").GetProperty("total_tokens").TryGetInt32(out _));
    }

    [Fact]
    public async Task Hints_that_a_model_has_nothing_for_are_named()
    {
        var headers = await app.ValueAsync("openai hints");

        var ignored = Text(headers, "genapi-ignored").Split(", ");
        Assert.All(["quality", "style", "moderation"], name => Assert.Contains(name, ignored));
    }

    [Fact]
    public async Task OpenAIs_client_reads_a_stream_to_its_picture()
    {
        var events = (await app.ValueAsync("openai partial")).EnumerateArray().ToList();

        Assert.Equal(["image_generation.completed"], events.Select(each => Text(each, "event")).Where(type => !type.Contains("partial")));
        Assert.Equal("image/png", Text(events[^1], "type"));
        Assert.True(events[^1].GetProperty("usage").GetProperty("total_tokens").TryGetInt32(out _));
    }

    [Fact]
    public async Task OpenAIs_client_lists_the_models()
    {
        var said = await app.ValueAsync("openai models");

        var ids = said.GetProperty("ids").EnumerateArray().Select(each => each.GetString()).ToList();
        Assert.All(["gpt-image-1", "gpt-image-1-mini", "dall-e-3", "dall-e-2"], name => Assert.Contains(name, ids));
        Assert.Equal("gpt-image-1", Text(said.GetProperty("one"), "id"));
    }

    [Theory]
    [InlineData("size", "BadRequestError", "size")]
    [InlineData("prompt", "BadRequestError", "prompt")]
    [InlineData("count", "BadRequestError", "n")]
    [InlineData("model", "NotFoundError", "model")]
    [InlineData("text", "BadRequestError", "model")]
    [InlineData("failed", "BadRequestError", null)]
    [InlineData("blocked", "BadRequestError", null)]
    [InlineData("stranger", "AuthenticationError", null)]
    [InlineData("retrieve", "NotFoundError", null)]
    public async Task OpenAIs_client_throws_its_own_errors(string name, string kind, string? member)
    {
        var said = (await app.ValueAsync("openai refusals")).GetProperty(name);

        Assert.True(Text(said, "kind") == kind, said.ToString());
        if (member is not null)
            Assert.Equal(member, Text(said, "param"));
        if (name is "failed" or "blocked")
            Assert.Equal("false", Text(said, "retry"));
    }

    [Theory, InlineData("langchain link", 1), InlineData("langchain two", 2)]
    public async Task LangChains_tool_gives_links(string name, int count)
    {
        var links = (await app.ValueAsync(name)).EnumerateArray().ToList();

        Assert.Equal(count, links.Count);
        Assert.All(links, each => Assert.Equal(Text(each, "type"), Text(each, "said")));
        // It asks for two by two equal requests at once. The second looks like a repeat, unless the first has been answered by then.
        Assert.InRange(app.CreationsOf(NodeCases.Marker(name)), 1, count);
    }

    [Theory]
    [InlineData("ai 6 openai door"), InlineData("ai 6 compatible door"), InlineData("ai 6 replicate door")]
    [InlineData("ai 7 openai door"), InlineData("ai 7 compatible door"), InlineData("ai 7 replicate door")]
    [InlineData("ai 6 edit one"), InlineData("ai 6 edit many"), InlineData("ai 7 edit one"), InlineData("ai 7 edit many")]
    public async Task The_AI_SDK_gets_a_picture(string name)
    {
        var picture = Assert.Single((await app.ValueAsync(name)).GetProperty("pictures").EnumerateArray());

        Assert.Equal(Text(picture, "type"), Text(picture, "said"));
        Assert.Equal(1, app.CreationsOf(NodeCases.Marker(name)));
    }

    [Fact]
    public async Task An_MCP_client_finds_tools_makes_a_picture_and_finds_it_again()
    {
        var said = await app.ValueAsync("mcp surface");

        Assert.Equal(
            ["cancel_generation", "edit_image", "generate_image", "get_generation", "list_models", "search_images"],
            said.GetProperty("tools").EnumerateArray().Select(each => each.GetString()));
        Assert.Equal(2, said.GetProperty("prompts").GetInt32());
        Assert.StartsWith("gen_", Text(said, "id"), StringComparison.Ordinal);
        Assert.True(said.GetProperty("wrong").GetProperty("isError").GetBoolean());
        Assert.All(["found", "models"], name => Assert.True(said.GetProperty(name).GetBoolean(), name));
        AssertResult(said.GetProperty("made"));
    }

    [Fact]
    public async Task A_large_picture_is_a_small_result()
    {
        AssertResult(await app.ValueAsync("mcp large"));
    }

    private static void AssertResult(JsonElement result)
    {
        Assert.InRange(result.GetProperty("bytes").GetInt32(), 1, 1_000_000);
        var picture = result.GetProperty("pictures")[0];
        Assert.Equal(Text(picture, "type"), Text(picture, "said"));
        var link = result.GetProperty("links")[0];
        Assert.Equal(Text(link, "type"), Text(link, "said"));
        Assert.DoesNotContain("base64", result.GetProperty("structured").GetRawText(), StringComparison.Ordinal);
    }

    private static int Number(JsonElement element, string name) => element.GetProperty(name).GetInt32();

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
