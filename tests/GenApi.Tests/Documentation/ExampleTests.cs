using GenApi.Tests.Accounts;

namespace GenApi.Tests.Documentation;

/// <summary>Examples of the pages are run as they stand there; only the address is another.</summary>
public sealed class ExampleTests
{
    private const string Address = "http://localhost:8080";

    public static TheoryData<string, string> Clients => new()
    {
        // the fence's word in README.md, the name of the file
        { "bash", "client.sh" },
        { "csharp", "client.cs" },
        { "python", "client.py" },
        { "js", "client.mjs" },
    };

    [Theory, MemberData(nameof(Clients))]
    public async Task A_client_of_the_README_makes_a_picture_with_a_key_and_saves_it(string language, string file)
    {
        await using var app = await Keys.StartAsync();
        var (_, secret) = await app.MakeAsync("ann");

        var output = await RunClientAsync(app, language, file, ("GENAPI_KEY", secret));

        // The picture came by its link, for which no key is asked.
        Assert.Contains("&sig=", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_the_same_client_works_where_none_is_needed()
    {
        await using var app = await GenApiApp.StartAsync();

        Assert.DoesNotContain("sig=", await RunClientAsync(app, "bash", "client.sh"), StringComparison.Ordinal);
    }

    /// <summary>Every block of the page that begins with ```bash, one after another in one shell. What is not to be run has another word, or none.</summary>
    [Theory]
    [InlineData("docs/api.md")]
    public async Task The_examples_of_a_page_run_one_after_another(string page)
    {
        var bash = Tool.Require("bash");
        Tool.Require("curl");
        await using var app = await GenApiApp.StartAsync();
        var folder = Directory.CreateDirectory(Path.Combine(app.Folder, "page")).FullName;
        var blocks = new MarkdownPage(page).Blocks("bash");
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
        var folder = await Tool.RunAsync(Tool.Require("dotnet"), ["msbuild", Repository.PathOf("src/GenApi/GenApi.csproj"), "-getProperty:RunWorkingDirectory"], Repository.Root);

        Assert.Equal(Repository.Root, Path.TrimEndingDirectorySeparator(folder.Trim()));
    }

    /// <returns>What the client said, the address of the picture it saved.</returns>
    private static async Task<string> RunClientAsync(GenApiApp app, string language, string file, params (string, string)[] environment)
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
        var folder = Directory.CreateDirectory(Path.Combine(app.Folder, language)).FullName;
        await WriteAsync(app, Path.Combine(folder, file), Assert.Single(new MarkdownPage("README.md").Blocks(language)));

        var output = await Tool.RunAsync(program, arguments, folder, environment);

        var picture = await File.ReadAllBytesAsync(Path.Combine(folder, "fox.png"), TestContext.Current.CancellationToken);
        Assert.Equal("\x89PNG\r\n\x1a\n", System.Text.Encoding.Latin1.GetString(picture[..8]));
        Assert.StartsWith(app.Address + "images/img_", output, StringComparison.Ordinal);
        Assert.Equal((await app.GetAsync(output.Trim())).Body, picture);
        Assert.Equal(1, app.Sandbox.Stats.Creations);
        return output;
    }

    private static async Task WriteAsync(GenApiApp app, string path, string text)
    {
        Assert.Contains(Address, text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, text.Replace(Address, app.Address.ToString().TrimEnd('/'), StringComparison.Ordinal), TestContext.Current.CancellationToken);
    }
}
