using System.Text;
using System.Text.Json;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Doors.Mcp;

/// <summary>Checks messages before they reach a tool: their keys, origins, hosts and forms.</summary>
public sealed class McpTransportTests(McpTransportTests.House house) : IClassFixture<McpTransportTests.House>
{
    private const string ListTools = """{"jsonrpc":"2.0","id":1,"method":"tools/list"}""";

    private GenApiApp App => house.App;

    private static CancellationToken Ended => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{", -32700, 400, "The body is not JSON")]
    [InlineData("", -32700, 400, "The body is empty")]
    [InlineData("[]", -32600, 400, "must be one message of JSON-RPC")]
    [InlineData("""{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"ping"}""", -32600, 400, "'method' is given more than once")]
    [InlineData(
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_models","arguments":{"q":"a","q":"b"}}}""", -32600, 400,
        "'q' is given more than once")]
    [InlineData("""{"id":1,"method":"tools/list"}""", -32600, 400, "JSON-RPC")]
    public async Task A_broken_message_is_an_error_of_JSON_RPC(string body, int code, int status, string sentence)
    {
        var answer = await App.PostAsync(McpHelp.Path, body, Keys.Of(house.Secret), McpHelp.Accept);

        Assert.Equal(status, answer.Status);
        Assert.Equal("application/json", answer.Header("Content-Type")!.Split(';')[0]);
        Assert.Equal("2.0", answer["jsonrpc"].GetString());
        Assert.Equal(code, answer["error"].GetProperty("code").GetInt32());
        Assert.Contains(sentence, answer["error"].GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tools/call", "{}", "The params of 'tools/call' can't be read")]
    [InlineData("tools/call", """{"name":7}""", "can't be read at $.name. They need 'name', a text")]
    [InlineData("tools/call", """{"name":"list_models","arguments":[]}""", "can't be read at $.arguments")]
    [InlineData("tools/call", """{"name":"paint"}""", "There is no tool 'paint'. Allowed: generate_image,")]
    [InlineData("resources/read", "{}", "They need 'uri', a text.")]
    [InlineData("resources/list", """{"cursor":"x"}""", "'cursor' must be the nextCursor of an earlier page.")]
    [InlineData("resources/list", """{"cursor":7}""", "can't be read at $.cursor")]
    [InlineData("tools/list", """{"_meta":7}""", "can't be read at $._meta")]
    public async Task Wrong_parameters_are_named(string method, string parameters, string sentence)
    {
        var (_, _, message) = await App.RpcAsync(method, JsonElement.Parse(parameters), Keys.Of(house.Secret));

        Assert.Equal(7, message.GetProperty("id").GetInt32());
        Assert.Equal(-32602, message.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Contains(sentence, message.GetProperty("error").GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_no_JSON_by_its_type_or_too_large_is_refused()
    {
        var text = await App.SendAsync(
            HttpMethod.Post, McpHelp.Path, new StringContent(ListTools, Encoding.UTF8, "text/plain"), Keys.Of(house.Secret),
            McpHelp.Accept);
        var large = await App.PostAsync(
            McpHelp.Path, JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 1, method = "ping", x = new string('x', 13 << 20) }),
            Keys.Of(house.Secret), McpHelp.Accept, ("Expect", "100-continue"));

        Assert.Equal((415, -32000), (text.Status, text["error"].GetProperty("code").GetInt32()));
        Assert.Equal((413, -32000), (large.Status, large["error"].GetProperty("code").GetInt32()));
    }

    [Fact]
    public async Task Only_POST_is_there_and_the_others_say_so_as_the_clients_expect()
    {
        foreach (var method in new[] { HttpMethod.Get, HttpMethod.Delete })
        {
            var answer = await App.SendAsync(method, McpHelp.Path, null, Keys.Of(house.Secret), McpHelp.Accept);
            Assert.Equal((405, "POST"), (answer.Status, answer.Header("Allow")));
            Assert.Equal(-32601, answer["error"].GetProperty("code").GetInt32());
        }
        Assert.Equal(
            202, (await App.PostAsync(
                McpHelp.Path, """{"jsonrpc":"2.0","method":"notifications/initialized"}""", Keys.Of(house.Secret), McpHelp.Accept)).Status);
    }

    [Fact]
    public async Task Without_a_key_nobody_comes_in_and_the_sentence_is_in_the_error()
    {
        foreach (var headers in new[] { Array.Empty<(string, string)>(), [Keys.Of("genapi_wrong")] })
        {
            var answer = await App.PostAsync(McpHelp.Path, ListTools, [.. headers, McpHelp.Accept]);
            Assert.Equal(401, answer.Status);
            Assert.StartsWith("Bearer", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
            Assert.NotEmpty(answer["error"].GetProperty("message").GetString()!);
            Assert.Equal("unauthenticated", answer["error"].GetProperty("data").GetProperty("code").GetString());
        }
        await Assert.ThrowsAnyAsync<Exception>(() => App.McpAsync());
    }

    [Fact]
    public async Task A_foreign_page_and_a_foreign_host_are_refused_as_on_the_other_routes()
    {
        await using var open = await GenApiApp.StartAsync();

        var page = await open.PostAsync(McpHelp.Path, ListTools, McpHelp.Accept, ("Origin", "https://evil.example"));
        var host = await open.PostAsync(McpHelp.Path, ListTools, McpHelp.Accept, ("Host", "evil.example"));
        var own = await open.PostAsync(McpHelp.Path, ListTools, McpHelp.Accept, ("Origin", open.Address.ToString().TrimEnd('/')));

        Assert.Equal((403, "A page of another origin may not change anything without an API key."),
            (page.Status, page["error"].GetProperty("message").GetString()));
        Assert.Equal(403, host.Status);
        Assert.Equal(200, own.Status);
    }

    [Fact]
    public async Task A_subscription_is_refused_because_nothing_here_changes()
    {
        await using var client = await App.McpAsync(house.Secret);

        var (_, _, message) = await App.RpcAsync("resources/subscribe", new { uri = "genapi://images/img_1" }, Keys.Of(house.Secret));

        Assert.Equal(-32601, message.GetProperty("error").GetProperty("code").GetInt32());
        Assert.Null(client.ServerCapabilities.Resources!.Subscribe);
    }

    [Fact]
    public async Task A_key_that_is_revoked_while_a_call_waits_ends_the_wait()
    {
        var stuck = App.Sandbox.Faults.Add(GenApi.Sandbox.Control.FaultKind.RunStuck);
        var (id, secret) = await App.MakeAsync("soon revoked", "generate", "read");
        await using var client = await App.McpAsync(secret);
        var call = client.ToolAsync("generate_image", new { prompt = "a fox", model = "sdxl" });
        await stuck.Reached.WaitAsync(Ended);

        await App.DeleteAsync($"/accounts/keys/{id}", Keys.AsAdmin);

        var result = await call.WaitAsync(TimeSpan.FromSeconds(20), Ended);
        Assert.True(result.IsError);
        Assert.Contains("The API key is no longer valid.", result.Sentence(), StringComparison.Ordinal);
    }

    public sealed class House : IAsyncLifetime
    {
        internal GenApiApp App { get; private set; } = null!;

        internal string Secret { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            App = await Keys.StartAsync();
            Secret = await App.KeyAsync("generate", "read");
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();
    }
}
