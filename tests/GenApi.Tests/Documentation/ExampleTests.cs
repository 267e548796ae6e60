using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;
using GenApi.Tests.Client;

namespace GenApi.Tests.Documentation;

/// <summary>The examples of the pages run as they stand there, with another address.</summary>
public sealed class ExampleTests
{
    private const string Address = "http://localhost:8080";
    private const string OtherClients = "docs/clients.md";

    public static TheoryData<string, string, string> Clients => new()
    {
        // the page, the word of its fence, the name of the file
        { OtherClients, "bash", "client.sh" },
        { "README.md", "csharp", "client.cs" },
        { OtherClients, "python", "client.py" },
        { OtherClients, "js", "client.mjs" },
    };

    /// <summary>Each program has three ends: the run fails after its acceptance, the request is refused, the picture is saved.</summary>
    [Theory, MemberData(nameof(Clients))]
    public async Task A_client_of_the_pages_saves_its_picture_or_says_why_there_is_none(string page, string language, string file)
    {
        await using var app = await Keys.StartAsync(new() { ["Generations:MaxListeners"] = "1" }, new SandboxOptions { Speed = 8 });
        var (secret, reader) = ((await app.MakeAsync("ann")).Secret, (await app.MakeAsync("bob", "read")).Secret);
        var run = await PrepareAsync(app, page, language, file);
        // The only place for those who wait is taken, so every wait is answered at once: with 202, long before the run has ended.
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var listened = await app.GenerateAsync(new { prompt = "somebody else's", seed = 1 }, Keys.AsAdmin, ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);
        using var listener = await ListenAsync(app, listened.Id);

        app.Sandbox.Faults.Add(new Fault(FaultKind.RunFails) { Text = "CUDA out of memory" });
        var (failedWith, _, why) = await run(secret);
        var failed = (await app.GetAsync("/generations?status=failed", Keys.Of(secret)))["data"][0];
        Assert.True(failedWith == 1, why);
        Assert.Contains(failed.GetProperty("error").GetProperty("message").GetString()!, why, StringComparison.Ordinal);

        var refusal = (await app.GenerateAsync(new { prompt = "a red fox in the snow" }, Keys.Of(reader)))["detail"].GetString()!;
        var (refusedWith, _, detail) = await run(reader);
        Assert.True(refusedWith == 1, detail);
        Assert.Contains(refusal, detail, StringComparison.Ordinal);

        Assert.False(File.Exists(Path.Combine(app.Folder, language, "fox.png")));
        var (exitCode, output, errors) = await run(secret);
        Assert.True(exitCode == 0, errors);
        // The picture came by its link, which needs no key.
        Assert.Contains("&sig=", output, StringComparison.Ordinal);
        await AssertSavedAsync(app, language, output);
        Assert.Equal(3, app.Sandbox.Stats.Creations);
    }

    [Fact]
    public async Task Without_a_key_the_same_client_works_where_none_is_needed()
    {
        await using var app = await GenApiApp.StartAsync();
        var run = await PrepareAsync(app, OtherClients, "bash", "client.sh");

        var (exitCode, output, errors) = await run(null);

        Assert.True(exitCode == 0, errors);
        Assert.DoesNotContain("sig=", output, StringComparison.Ordinal);
        await AssertSavedAsync(app, "bash", output);
    }

    /// <summary>No PowerShell runs here, so the line must avoid everything that PowerShell reads differently.</summary>
    [Fact]
    public async Task The_first_line_of_the_README_makes_a_picture_in_any_shell()
    {
        var bash = Tool.Require("bash");
        Tool.Require("curl");
        await using var app = await GenApiApp.StartAsync();
        var line = Assert.Single(new MarkdownPage("README.md").Blocks("sh")).TrimEnd('\n');
        Assert.DoesNotContain(line, each => each is '\n' or '\'' or '\\' or '`' or '$' or '{' or '(' or ';' or '%' or '!');
        Assert.DoesNotContain(" @", line, StringComparison.Ordinal);

        var output = await Tool.RunAsync(bash, ["-c", Here(app, line)], Repository.Root);

        Assert.Equal("succeeded", System.Text.Json.JsonElement.Parse(output).GetProperty("status").GetString());
    }

    /// <summary>
    /// Every block of its pages that begins with ```bash, one after another in one shell. What is not to be run has another word, or none.
    /// </summary>
    [Fact]
    public async Task The_examples_of_the_contract_run_one_after_another()
    {
        var bash = Tool.Require("bash");
        Tool.Require("curl");
        await using var app = await GenApiApp.StartAsync();
        var folder = Directory.CreateDirectory(Path.Combine(app.Folder, "page")).FullName;
        var blocks = ApiPages.All.SelectMany(page => page.Blocks("bash")).ToList();
        // The shell tells each command, so that one which fails is found in the test's message.
        await WriteAsync(app, Path.Combine(folder, "page.sh"), "set -eux -o pipefail\n" + string.Concat(blocks));

        var output = await Tool.RunAsync(bash, ["page.sh"], folder);

        Assert.NotEmpty(blocks);
        Assert.Contains("\"status\":\"succeeded\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("internal_error", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dotnet_run_works_in_the_root_of_the_repository_where_the_settings_are()
    {
        var folder = await Tool.RunAsync(
            Tool.Require("dotnet"),
            ["msbuild", Repository.PathOf("src/GenApi/GenApi.csproj"), "-getProperty:RunWorkingDirectory"],
            Repository.Root);

        Assert.Equal(Repository.Root, Path.TrimEndingDirectorySeparator(folder.Trim()));
    }

    /// <summary>Prepares a client: builds it if necessary.</summary>
    /// <returns>Runs the client with a key.</returns>
    private static async Task<Func<string?, Task<(int ExitCode, string Output, string Errors)>>> PrepareAsync(
        GenApiApp app, string page, string language, string file)
    {
        var folder = Directory.CreateDirectory(Path.Combine(app.Folder, language)).FullName;
        var program = Assert.Single(new MarkdownPage(page).Blocks(language));
        string tool;
        if (language == "csharp")
        {
            tool = Tool.Require("dotnet");
            file = await PackedClient.BuildConsoleAsync(tool, folder, Here(app, program));
        }
        else
        {
            tool = Tool.Require(language switch { "python" => "python3", "js" => "node", _ => language });
            await WriteAsync(app, Path.Combine(folder, file), program);
        }
        if (language == "bash")
            Tool.Require("curl");
        return key => Tool.RunToEndAsync(tool, [file], folder, key is null ? [] : [("GENAPI_KEY", key)]);
    }

    private static async Task<HttpResponseMessage> ListenAsync(GenApiApp app, string id)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/generations/{id}/events");
        request.Headers.Authorization = new("Bearer", Keys.Admin);
        var answer = await app.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        return answer.EnsureSuccessStatusCode();
    }

    private static async Task AssertSavedAsync(GenApiApp app, string language, string output)
    {
        var picture = await File.ReadAllBytesAsync(Path.Combine(app.Folder, language, "fox.png"), TestContext.Current.CancellationToken);
        Assert.Equal("\x89PNG\r\n\x1a\n", System.Text.Encoding.Latin1.GetString(picture[..8]));
        Assert.StartsWith(app.Address + "images/img_", output, StringComparison.Ordinal);
        Assert.Equal((await app.GetAsync(output.Trim())).Body, picture);
    }

    private static Task WriteAsync(GenApiApp app, string path, string text) =>
        File.WriteAllTextAsync(path, Here(app, text), TestContext.Current.CancellationToken);

    private static string Here(GenApiApp app, string text)
    {
        Assert.Contains(Address, text, StringComparison.Ordinal);
        return text.Replace(Address, app.Address.ToString().TrimEnd('/'), StringComparison.Ordinal);
    }
}
