using System.Text.Json;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Doors.Mcp;

/// <summary>Calls that are refused before anything is made.</summary>
public sealed class McpRefusalTests(McpRefusalTests.House house) : IClassFixture<McpRefusalTests.House>
{
    private static object Fox => new { prompt = "a red fox in snow", model = "sdxl", width = 64, height = 64, seed = 42 };

    private GenApiApp App => house.App;

    [Theory]
    [InlineData("read", "generate_image", "generate")]
    [InlineData("read", "edit_image", "generate")]
    [InlineData("read", "cancel_generation", "generate")]
    [InlineData("generate", "get_generation", "read")]
    [InlineData("generate", "list_models", "read")]
    [InlineData("generate", "search_images", "read")]
    public async Task A_key_without_the_right_gets_a_sentence_and_pays_nothing(string has, string tool, string lacks)
    {
        await using var client = await App.McpAsync(house.Of(has));

        var result = await client.ToolAsync(tool, tool == "generate_image" ? Fox : new { });

        Assert.True(result.IsError);
        Assert.StartsWith(
            $"The API key 'agent {has}' does not have the right '{lacks}', which {tool} needs.", result.Sentence(),
            StringComparison.Ordinal);
        Assert.Equal(0, App.Sandbox.Stats.Creations);
    }

    [Theory]
    [InlineData("""{"prompt":"a fox","width":"wide","seeed":1}""", "$.width", "$.seeed")]
    [InlineData("""{"prompt":7}""", "$.prompt", "it is 7")]
    [InlineData("""{"prompt":"a fox","model":"no-such-model"}""", "$.model", "no-such-model")]
    [InlineData("""{"prompt":"a fox","model":"sdxl","width":64,"height":64,"strength":3}""", "$.strength", "from 0 to 1")]
    public async Task Wrong_arguments_are_a_tool_error_that_names_them_all(string arguments, string first, string second)
    {
        await using var client = await App.McpAsync(house.Of("both"));

        var result = await client.ToolAsync("generate_image", JsonElement.Parse(arguments));

        Assert.True(result.IsError);
        Assert.Contains(first, result.Sentence(), StringComparison.Ordinal);
        Assert.Contains(second, result.Sentence(), StringComparison.Ordinal);
        Assert.Contains("Nothing was made or paid for", result.Sentence(), StringComparison.Ordinal);
        Assert.Equal(0, App.Sandbox.Stats.Creations);
    }

    [Theory]
    [InlineData("""{"prompt":"a fox","metadata":{"token":"KEY"}}""")]
    [InlineData("""{"prompt":"a fox","webhook":"https://hooks.example/genapi?token=KEY"}""")]
    [InlineData("""{"prompt":"a fox","input":{"settings":["KEY"]}}""")]
    public async Task Arguments_that_hold_the_callers_key_are_refused_and_the_key_is_not_repeated(string arguments)
    {
        var secret = house.Of("both");
        await using var client = await App.McpAsync(secret);

        var result = await client.ToolAsync(
            "generate_image", JsonElement.Parse(arguments.Replace("KEY", secret, StringComparison.Ordinal)));

        Assert.True(result.IsError);
        Assert.Contains("holds the API key of this request", result.Sentence(), StringComparison.Ordinal);
        Assert.DoesNotContain(secret[10..], result.Sentence(), StringComparison.Ordinal);
        Assert.Equal(0, App.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task A_call_that_asks_for_a_task_is_refused_before_anything_is_paid()
    {
        foreach (var task in new object[] { new { ttl = 60_000 }, new { }, true })
        {
            var (_, _, message) = await App.RpcAsync(
                "tools/call", new { name = "generate_image", arguments = Fox, task }, Keys.Of(house.Of("both")));

            Assert.Equal(-32601, message.GetProperty("error").GetProperty("code").GetInt32());
            Assert.StartsWith(
                "This server has no tasks. Call the tool without 'task'", message.GetProperty("error").GetProperty("message").GetString(),
                StringComparison.Ordinal);
        }
        Assert.Equal(0, App.Sandbox.Stats.Creations);
    }

    [Theory]
    [InlineData("{}", "'generation_id' is missing")]
    [InlineData("""{"generation_id":7}""", "must be an id")]
    [InlineData("""{"generation_id":"img_01"}""", "There is no such generation")]
    [InlineData("""{"generation_id":"gen_01kzzzzzzzzzzzzzzzzzzzzzzz"}""", "There is no such generation")]
    [InlineData("""{"generation_id":"gen_01kzzzzzzzzzzzzzzzzzzzzzzz","wait_seconds":51}""", "from 0 to 50")]
    [InlineData("""{"generation_id":"gen_01kzzzzzzzzzzzzzzzzzzzzzzz","wait":1}""", "Allowed: generation_id, wait_seconds.")]
    public async Task A_wrong_id_or_wait_is_a_sentence(string arguments, string sentence)
    {
        await using var client = await App.McpAsync(house.Of("both"));

        var result = await client.ToolAsync("get_generation", JsonElement.Parse(arguments));

        Assert.True(result.IsError);
        Assert.Contains(sentence, result.Sentence(), StringComparison.Ordinal);
    }

    /// <summary>A service with a key for each right, where nothing is ever made.</summary>
    public sealed class House : IAsyncLifetime
    {
        private readonly Dictionary<string, string> _secrets = [];

        internal GenApiApp App { get; private set; } = null!;

        internal string Of(string rights) => _secrets[rights];

        public async ValueTask InitializeAsync()
        {
            App = await Keys.StartAsync();
            _secrets["read"] = await App.KeyAsync("read");
            _secrets["generate"] = await App.KeyAsync("generate");
            _secrets["both"] = await App.KeyAsync("generate", "read");
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
