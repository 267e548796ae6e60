using System.Text.Json;
using GenApi.Tests.Accounts;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using NetVips;

namespace GenApi.Tests.Doors.Mcp;

/// <summary>Looks up models, images, resources and prompts.</summary>
public sealed class McpLibraryTests(McpLibraryTests.Library library) : IClassFixture<McpLibraryTests.Library>
{
    private GenApiApp App => library.App;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_are_listed_by_the_name_to_give_and_the_default_is_marked()
    {
        await using var client = await App.McpAsync(library.Secret);

        var result = await client.ToolAsync("list_models", new { });

        Assert.Contains("\n- sdxl (stability-ai/sdxl): ", result.Sentence(), StringComparison.Ordinal);
        Assert.Single(result.Sentence().Split('\n'), line => line.EndsWith("This is the default.", StringComparison.Ordinal));
        var names = result.Structured().GetProperty("models").EnumerateArray().Select(each => each.GetProperty("name").GetString());
        Assert.Contains("sdxl", names);
    }

    [Fact]
    public async Task One_model_is_described_with_every_input_it_takes()
    {
        await using var client = await App.McpAsync(library.Secret);

        var result = await client.ToolAsync("list_models", new { model = "sdxl" });

        Assert.StartsWith("sdxl (stability-ai/sdxl): ", result.Sentence(), StringComparison.Ordinal);
        Assert.Contains("takes: prompt, negative_prompt, width, height", result.Sentence(), StringComparison.Ordinal);
        Assert.Contains("\"refine\"", result.Sentence(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list_models", """{"page":2}""", "'page' is not known here. Allowed: q, model, limit, cursor.")]
    [InlineData("list_models", """{"q":{"words":"fox"}}""", "'q' must be a text or a number; it is an object.")]
    [InlineData("list_models", """{"model":"sdxl","q":"fox"}""", "'model' describes one model")]
    [InlineData("list_models", """{"model":"no-such"}""", "no-such")]
    [InlineData("search_images", """{"limit":101}""", "'limit' must be a whole number from 1 to 100")]
    [InlineData("search_images", """{"cursor":"x"}""", "cursor")]
    [InlineData("search_images", """{"tags":"x"}""", "Did you mean 'tag'?")]
    public async Task A_wrong_argument_is_a_sentence(string tool, string arguments, string sentence)
    {
        await using var client = await App.McpAsync(library.Secret);

        var result = await client.ToolAsync(tool, JsonElement.Parse(arguments));

        Assert.True(result.IsError);
        Assert.Contains(sentence, result.Sentence(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Images_are_found_by_words_of_their_prompt_page_by_page_and_only_by_their_owner()
    {
        await using var client = await App.McpAsync(library.Secret);
        await using var stranger = await App.McpAsync(library.Stranger);

        var first = await client.ToolAsync("search_images", new { q = "fox", limit = 1 });
        var cursor = first.Structured().GetProperty("next_cursor").GetString();
        var second = await client.ToolAsync("search_images", new { q = "fox", limit = 1, cursor });
        var owl = await client.ToolAsync("search_images", new { q = "owl" });

        Assert.Distinct(first.ImageIds().Concat(second.ImageIds()));
        Assert.Matches("- img_.* by stability-ai/sdxl, seed 2: a blue fox", first.Sentence());
        Assert.Contains("seed 1: a red fox", second.Sentence(), StringComparison.Ordinal);
        Assert.Equal("No image was found.", owl.Sentence());
        Assert.Equal("No image was found.", (await stranger.ToolAsync("search_images", new { })).Sentence());
        var url = first.Structured().GetProperty("images")[0].GetProperty("url").GetString()!;
        Assert.Equal(200, (await App.GetAsync(new Uri(url).PathAndQuery)).Status);
    }

    [Fact]
    public async Task Images_are_resources_and_reading_one_returns_a_bounded_preview()
    {
        await using var client = await App.McpAsync(library.Secret);
        var found = (await client.ToolAsync("search_images", new { q = "red" })).Structured().GetProperty("images")[0];
        var (id, link) = (found.GetProperty("id").GetString()!, found.GetProperty("url").GetString()!);

        var listed = await client.ListResourcesAsync(cancellationToken: Ended);
        var template = Assert.Single(await client.ListResourceTemplatesAsync(cancellationToken: Ended));

        Assert.Equal(2, listed.Count);
        var resource = Assert.Single(listed, each => each.Uri == $"genapi://images/{id}");
        Assert.Equal("a red fox", resource.Title);
        Assert.Equal("genapi://images/{id}", template.UriTemplate);
        foreach (var uri in new[] { resource.Uri, link })
        {
            var blob = Assert.IsType<BlobResourceContents>(
                Assert.Single((await client.ReadResourceAsync(uri, cancellationToken: Ended)).Contents));
            // A small PNG is its own preview.
            Assert.Equal((uri, "image/png"), (blob.Uri, blob.MimeType));
            using var picture = Image.NewFromBuffer(blob.DecodedData.ToArray());
            Assert.Equal(64, picture.Width);
        }
    }

    [Theory]
    [InlineData("genapi://images/img_01kzzzzzzzzzzzzzzzzzzzzzzz", "There is no such image.")]
    [InlineData("genapi://images/gen_01kzzzzzzzzzzzzzzzzzzzzzzz", "There is no such resource.")]
    [InlineData("file:///etc/passwd", "There is no such resource.")]
    [InlineData("https://example.com/images/img_01kzzzzzzzzzzzzzzzzzzzzzzz", "There is no such resource.")]
    public async Task An_unknown_resource_is_not_found(string uri, string sentence)
    {
        var (_, _, message) = await App.RpcAsync("resources/read", new { uri }, Keys.Of(library.Secret));

        Assert.Equal(-32002, message.GetProperty("error").GetProperty("code").GetInt32());
        Assert.StartsWith(sentence, message.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_accounts_image_is_no_resource_and_no_input()
    {
        await using var client = await App.McpAsync(library.Secret);
        await using var stranger = await App.McpAsync(library.Stranger);
        var found = (await client.ToolAsync("search_images", new { q = "red" })).Structured().GetProperty("images")[0];
        var (id, link) = (found.GetProperty("id").GetString()!, found.GetProperty("url").GetString()!);

        foreach (var uri in new[] { $"genapi://images/{id}", link })
        {
            var refused = await Assert.ThrowsAsync<McpProtocolException>(
                async () => await stranger.ReadResourceAsync(uri, cancellationToken: Ended));
            Assert.Contains("There is no such image.", refused.Message, StringComparison.Ordinal);
        }
        Assert.Empty(await stranger.ListResourcesAsync(cancellationToken: Ended));
        var edited = await stranger.ToolAsync("edit_image", new { image = id, prompt = "a hat", model = "sdxl" });
        Assert.True(edited.IsError);
        var got = await stranger.ToolAsync("get_generation", new { generation_id = found.GetProperty("generation_id").GetString() });
        Assert.StartsWith("There is no such generation.", got.Sentence(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_prompts_put_their_arguments_into_a_task_for_the_model()
    {
        await using var client = await App.McpAsync(library.Secret);

        var prompts = await client.ListPromptsAsync(cancellationToken: Ended);
        var illustrate = await client.GetPromptAsync(
            "illustrate", new Dictionary<string, object?> { ["text"] = "The fox leaves at dawn.", ["style"] = "ink" },
            cancellationToken: Ended);
        var vary = await client.GetPromptAsync(
            "vary_image", new Dictionary<string, object?> { ["image"] = "img_1", ["change"] = "make it night" }, cancellationToken: Ended);

        Assert.Equal(["illustrate", "vary_image"], prompts.Select(prompt => prompt.Name));
        var text = Assert.IsType<TextContentBlock>(Assert.Single(illustrate.Messages).Content).Text;
        Assert.Contains("Style: ink.", text, StringComparison.Ordinal);
        Assert.EndsWith("The fox leaves at dawn.", text, StringComparison.Ordinal);
        Assert.Contains("make it night", Assert.IsType<TextContentBlock>(vary.Messages[0].Content).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name":"illustrate"}""", "$.text: 'text' is missing.")]
    [InlineData("""{"name":"illustrate","arguments":{"text":7}}""", "'text' must be a text of at most 20000 characters.")]
    [InlineData("""{"name":"illustrate","arguments":{"text":"x","stile":"ink"}}""", "Did you mean 'style'?")]
    [InlineData("""{"name":"paint"}""", "There is no prompt 'paint'. Allowed: illustrate, vary_image.")]
    public async Task A_wrong_prompt_is_a_sentence(string parameters, string sentence)
    {
        var (_, _, message) = await App.RpcAsync("prompts/get", JsonElement.Parse(parameters), Keys.Of(library.Secret));

        Assert.Equal(-32602, message.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Contains(sentence, message.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A service with two keys, one of which owns two images.</summary>
    public sealed class Library : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        internal string Secret { get; private set; } = "";

        internal string Stranger { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            App = await Keys.StartAsync();
            (Secret, Stranger) = (await App.KeyAsync("generate", "read"), await App.KeyAsync("read", "generate"));
            foreach (var (prompt, seed) in new[] { ("a red fox", 1), ("a blue fox", 2) })
            {
                var made = await App.GenerateAsync(new { prompt, model = "sdxl", width = 64, height = 64, seed }, Keys.Of(Secret));
                Assert.Equal(200, made.Status);
            }
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
