using System.Diagnostics;
using GenApi.Hosting;
using GenApi.Hosting.Settings;
using GenApi.Tests.Accounts;
using Microsoft.Extensions.Configuration;

namespace GenApi.Tests.Hosting;

/// <summary>The log lines of a start: version, data, address, first key, and settings without effect.</summary>
public sealed class StartLinesTests
{
    private static readonly Dictionary<string, string?> Heard = new() { ["Logging:LogLevel:GenApi"] = "Information" };

    [Fact]
    public async Task A_start_says_version_data_mode_page_and_how_to_make_the_first_key()
    {
        await using var app = await GenApiApp.StartAsync(Heard);

        var lines = app.Lines();

        Assert.Single(lines, line => line.Contains($" GenApi {ProgramVersion.Text} (.NET 10.", StringComparison.Ordinal));
        Assert.Single(lines, line => line.Contains($" Data directory: {app.DataDirectory}", StringComparison.Ordinal));
        Assert.Single(lines, line => line.Contains($" Images come from Replicate at {app.Sandbox.BaseUrl}", StringComparison.Ordinal));
        var page = Assert.Single(lines, line =>
            line.Contains(" Swagger UI: http://", StringComparison.Ordinal)).Trim().Split("Swagger UI: ")[1];
        Assert.Equal(new Uri(app.Address, "/swagger").AbsoluteUri, page);
        Assert.Single(lines, line => line.Contains("OPEN: there are no API keys", StringComparison.Ordinal)
            && line.Contains(" keys create --name operations --admin ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_command_for_the_first_key_works_as_it_is_printed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "It is handed to a shell.");
        await using var app = await GenApiApp.StartProcessAsync(new(Heard) { ["DataDirectory"] = "my data" });
        var line = Assert.Single(app.Logs, each => each.Contains("OPEN: ", StringComparison.Ordinal));
        var command = System.Text.Json.JsonElement.Parse(line).GetProperty("Command").GetString()!;

        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", command])
        {
            WorkingDirectory = "/",
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        var secret = (await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim();
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        app.Secrets.Add(secret);

        Assert.StartsWith("genapi_", secret, StringComparison.Ordinal);
        // The running service reads the keys of other processes now and then.
        for (var tries = 0; (await app.GetAsync("/accounts/keys")).Status != 401; tries++)
        {
            Assert.True(tries < 400, "The service did not notice the key.");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }
        Assert.Equal(200, (await app.GetAsync("/accounts/keys", Keys.Of(secret))).Status);
    }

    [Theory]
    [InlineData("/usr/bin/dotnet", "", null, "dotnet /opt/genapi/GenApi.dll keys create --name operations --admin --DataDirectory=/data")]
    [InlineData("/opt/genapi/GenApi", "", null, "/opt/genapi/GenApi keys create --name operations --admin --DataDirectory=/data")]
    [InlineData("/usr/bin/dotnet", "docker exec 3f2a", null,
        "docker exec 3f2a dotnet /opt/genapi/GenApi.dll keys create --name operations --admin --DataDirectory=/data")]
    [InlineData("/usr/bin/dotnet", "", "/srv/my app",
        "cd '/srv/my app' && dotnet /opt/genapi/GenApi.dll keys create --name operations --admin --DataDirectory=/data")]
    public void The_command_names_this_program_and_these_data(string process, string container, string? folder, string command) =>
        Assert.Equal(command, GenApi.Accounts.Entrance.FirstKey.Command(process, "/opt/genapi/GenApi.dll", "/data", container, folder));

    [Theory]
    [InlineData("REPLICATE_API_KEY", "anything",
        "REPLICATE_API_KEY looks like a token of Replicate, but GenApi does not read it. GenApi reads REPLICATE_API_TOKEN.")]
    [InlineData("REPLICATE_TOKEN", "anything", "REPLICATE_TOKEN looks like a token")]
    [InlineData("REPLICATE_KEY", "anything", "REPLICATE_KEY looks like a token")]
    [InlineData("REPLICATE_API", "anything", "REPLICATE_API looks like a token")]
    [InlineData("ReplicateApiToken", "anything", "ReplicateApiToken looks like a token")]
    [InlineData("MY_REPLICATE_API_SECRET", "anything", "MY_REPLICATE_API_SECRET looks like a token")]
    [InlineData("TOKEN", "r8_0123456789abcdefghijklmnopqrstuvwxyzX", "TOKEN looks like a token")]
    [InlineData("SOME:WHERE", "\"r8_0123456789abcdefghijklmnopqrstuvwxyzX\"", "SOME__WHERE looks like a token")]
    [InlineData("Generation:MaxQueued", "5",
        "Generation__MaxQueued is set, but there is no such setting. Did you mean Generations__MaxQueued?")]
    [InlineData("DATA_DIRECTORY", "/data", "DATA_DIRECTORY is set, but there is no such setting. Did you mean DataDirectory?")]
    [InlineData("ASPNETCORE_URLS", "http://*:80",
        "ASPNETCORE_URLS is set, but GenApi does not read it. The address to listen on is the setting Urls.")]
    public void A_variable_that_looks_as_if_it_were_meant_for_us_is_told_without_its_value(string name, string value, string beginning)
    {
        var sentence = Assert.Single(Misnamed(name, value));

        Assert.StartsWith(beginning, sentence, StringComparison.Ordinal);
        Assert.DoesNotContain(value.Trim('"'), sentence.Replace(beginning, "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("REPLICATE_API_TOKEN", "r8_0123456789abcdefghijklmnopqrstuvwxyzX")]
    [InlineData("Replicate:ApiToken", "r8_0123456789abcdefghijklmnopqrstuvwxyzX")]
    [InlineData("REPLICATE_API_TOKEN_FILE", "/run/secrets/token")]
    [InlineData("REPLICATE_BASE_URL", "http://localhost:1")]
    [InlineData("REPLICATE_API_URL", "http://localhost:1")]
    [InlineData("REPLICATE_API_KEY", "")]
    [InlineData("PATH", "/usr/bin")]
    [InlineData("npm_config:cache", "/tmp")]
    [InlineData("Generations:MaxQueued", "5")]
    public void What_is_meant_for_others_or_rightly_named_is_not(string name, string value) => Assert.Empty(Misnamed(name, value));

    [Fact]
    public async Task A_misnamed_token_is_warned_about_at_start_and_named_where_the_token_is_missed()
    {
        var folder = Directory.CreateTempSubdirectory("genapi-misnamed-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, ".env"), $"REPLICATE_API_KEY={GenApiApp.Token}\n",
                TestContext.Current.CancellationToken);
            var (exitCode, output, errors) = await GenApiApp.RunToEndAsync(
                new()
                {
                    ["Replicate:Mode"] = "replicate",
                    ["Urls"] = "http://127.0.0.1:0",
                    ["DataDirectory"] = Path.Combine(folder, "data")
                }, folder);

            StartupTests.AssertOneSentence(exitCode, output, errors);
            Assert.StartsWith("Replicate:ApiToken", errors, StringComparison.Ordinal);
            Assert.EndsWith("REPLICATE_API_KEY is set, but GenApi reads the token from REPLICATE_API_TOKEN.\n", errors,
                StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
        await using var app = await GenApiApp.StartProcessAsync(
            new(Heard) { ["REPLICATE_TOKEN"] = "r8_0123456789abcdefghijklmnopqrstuvwxyzX" });
        Assert.Single(app.Logs, line => line.Contains("REPLICATE_TOKEN looks like a token of Replicate", StringComparison.Ordinal));
        Assert.DoesNotContain(app.Logs, line => line.Contains("r8_0123", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("version")]
    public async Task The_version_is_told_on_stdout(string asked)
    {
        var (exitCode, output, errors) = await ProgramHere.RunToEndAsync(new Dictionary<string, string?>(), Path.GetTempPath(), asked);

        Assert.Equal((0, $"GenApi {ProgramVersion.Text}\n", ""), (exitCode, output, errors));
    }

    [Fact]
    public async Task The_version_stands_in_one_place_and_readiness_tells_it()
    {
        var said = System.Xml.Linq.XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;
        await using var app = await GenApiApp.StartAsync();

        Assert.Equal(said, ProgramVersion.Text);
        Assert.Equal(said, (await app.GetAsync("/health/ready"))["version"].GetString());
        Assert.Equal(said, (await app.GetAsync("/health/live"))["version"].GetString());
    }

    private static IReadOnlyList<string> Misnamed(string name, string value) => MisnamedSettings.Find(
        new ConfigurationBuilder().AddInMemoryCollection([new("Urls", "http://localhost:8080"), new(name, value)]).Build(),
        ["Urls", "DataDirectory", "Generations", "Replicate", "REPLICATE_API_TOKEN", "REPLICATE_BASE_URL", "Logging"]);
}
