namespace GenApi.Tests.Documentation;

/// <summary>Examples of the pages are run as they stand there; only the address is another.</summary>
public sealed class ExampleTests : IAsyncLifetime
{
    private const string Address = "http://localhost:8080";
    private GenApiApp _app = null!;

    public static TheoryData<string, string> Clients => new()
    {
        // the fence's word in README.md, the name of the file
        { "bash", "client.sh" },
        { "csharp", "client.cs" },
        { "python", "client.py" },
        { "js", "client.mjs" },
    };

    public async ValueTask InitializeAsync() => _app = await GenApiApp.StartAsync();

    [Fact]
    public async Task The_shortest_client_works_with_a_key_too()
    {
        await _app.StopAsync();
        await _app.StartAgainAsync(new() { ["Accounts:AdminKey"] = Accounts.Keys.Admin });
        var (_, secret) = await Accounts.Keys.MakeAsync(_app, "ann");
        var folder = Directory.CreateDirectory(Path.Combine(_app.Folder, "keyed")).FullName;
        await WriteAsync(Path.Combine(folder, "client.sh"), $"export GENAPI_KEY={secret}\n" + Assert.Single(new MarkdownPage("README.md").Blocks("bash")));

        var output = await Tool.RunAsync(Tool.Require("bash"), ["-eu", "client.sh"], folder);

        Assert.Contains("&sig=", output, StringComparison.Ordinal);
        Assert.Equal((await _app.GetAsync(output.Trim())).Body, await File.ReadAllBytesAsync(Path.Combine(folder, "fox.png"), TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    [Theory, MemberData(nameof(Clients))]
    public async Task A_client_of_the_README_makes_a_picture_and_saves_it(string language, string file)
    {
        var (program, arguments) = language switch
        {
            "bash" => (Tool.Require("bash"), (string[])["-eu", file]),
            "csharp" => (Tool.Require("dotnet"), ["run", file]),
            "python" => (Tool.Require("python3"), [file]),
            _ => (Tool.Require("node"), [file]),
        };
        if (language == "bash")
            Tool.Require("curl");
        var folder = Directory.CreateDirectory(Path.Combine(_app.Folder, language)).FullName;
        await WriteAsync(Path.Combine(folder, file), Assert.Single(new MarkdownPage("README.md").Blocks(language)));

        var output = await Tool.RunAsync(program, arguments, folder);

        var picture = await File.ReadAllBytesAsync(Path.Combine(folder, "fox.png"), TestContext.Current.CancellationToken);
        Assert.Equal("\x89PNG\r\n\x1a\n", System.Text.Encoding.Latin1.GetString(picture[..8]));
        Assert.StartsWith(_app.Address + "images/img_", output, StringComparison.Ordinal);
        Assert.Equal((await _app.GetAsync(output.Trim())).Body, picture);
        Assert.Equal(1, _app.Sandbox.Stats.Creations);
    }

    /// <summary>Every block of the page that begins with ```bash, one after another in one shell. What is not to be run has another word, or none.</summary>
    [Theory]
    [InlineData("docs/api.md")]
    public async Task The_examples_of_a_page_run_one_after_another(string page)
    {
        var bash = Tool.Require("bash");
        Tool.Require("curl");
        var folder = Directory.CreateDirectory(Path.Combine(_app.Folder, "page")).FullName;
        var blocks = new MarkdownPage(page).Blocks("bash");
        // The shell tells each command, so that one which fails is found in the test's message.
        await WriteAsync(Path.Combine(folder, "page.sh"), "set -eux -o pipefail\n" + string.Concat(blocks));

        var output = await Tool.RunAsync(bash, ["page.sh"], folder);

        Assert.NotEmpty(blocks);
        Assert.Contains("\"status\":\"succeeded\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("internal_error", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Dotnet_run_works_in_the_root_of_the_repository_where_the_settings_are()
    {
        var folder = await Tool.RunAsync(Tool.Require("dotnet"), ["msbuild", Repository.PathOf("src/GenApi/GenApi.csproj"), "-getProperty:RunWorkingDirectory"], _app.Folder);

        Assert.Equal(Repository.Root, Path.TrimEndingDirectorySeparator(folder.Trim()));
    }

    private async Task WriteAsync(string path, string text)
    {
        Assert.Contains(Address, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, text.Replace(Address, _app.Address.ToString().TrimEnd('/'), StringComparison.Ordinal), TestContext.Current.CancellationToken);
    }
}
