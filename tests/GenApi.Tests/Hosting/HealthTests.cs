using System.Text.Json;
using System.Xml.Linq;
using GenApi.Tests.Servers;

namespace GenApi.Tests.Hosting;

public sealed class HealthTests
{
    [Fact]
    public async Task Ready_tells_every_part_and_the_mode_and_asks_nothing_of_the_upstream()
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await ReadyAsync(app);

        Assert.Equal(200, answer.Status);
        Assert.Equal("application/health+json", answer.Header("Content-Type"));
        Assert.Equal("pass", answer.State);
        foreach (var part in (string[])["database", "blob_store", "store", "worker", "upstream"])
            Assert.Equal("pass", answer["checks", part, "status"].GetString());
        Assert.Equal("replicate", answer["checks", "upstream", "facts", "mode"].GetString());
        Assert.Equal("no bound", answer["checks", "store", "facts", "max_bytes"].GetString());
        Assert.Equal("set", answer["checks", "upstream", "facts", "token"].GetString());
        Assert.Equal(0, app.Sandbox.Stats.CreationAttempts + app.Sandbox.Stats.Gets + app.Sandbox.Stats.Lists);
    }

    [Fact]
    public async Task Health_and_the_API_document_have_the_one_version_of_the_repository()
    {
        var version = XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("Version").Single().Value;
        await using var app = await GenApiApp.StartAsync();

        var document = await app.GetAsync("/openapi/v1.json");

        Assert.Equal(version, (await ReadyAsync(app))["version"].GetString());
        Assert.Equal(version, document["info", "version"].GetString());
    }

    [Fact]
    public async Task Live_answers_without_asking_anything()
    {
        await using var app = await GenApiApp.StartAsync();

        var answer = await app.GetAsync("/health/live");

        Assert.Equal(200, answer.Status);
        Assert.Equal(JsonValueKind.Object, answer["checks"].ValueKind);
        Assert.Empty(answer["checks"].EnumerateObject());
    }

    [Fact]
    [OnlyOnDisk]
    public async Task A_blob_folder_that_can_not_be_written_fails_readiness()
    {
        await using var app = await GenApiApp.StartAsync(new() { ["Logging:LogLevel:Microsoft"] = "None" });
        var blobs = Path.Combine(app.DataDirectory, "blobs");
        while (!File.Exists(blobs))
        {
            try
            {
                Directory.Delete(blobs, recursive: true);
                await File.WriteAllTextAsync(blobs, "in the way", TestContext.Current.CancellationToken);
            }
            catch (Exception again) when (again is IOException or UnauthorizedAccessException)
            {
                // The service checked its folder meanwhile and created it again.
            }
        }

        var answer = await app.GetAsync("/health/ready");

        Assert.Equal(503, answer.Status);
        Assert.Equal("fail", answer.State);
        Assert.Equal("fail", answer["checks", "blob_store", "status"].GetString());
        Assert.DoesNotContain(app.Folder, answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_token_the_service_starts_on_its_own_sandbox_and_says_so()
    {
        await using var app = await GenApiApp.StartAsync(new()
        {
            ["Replicate:Mode"] = "auto",
            ["Replicate:ApiToken"] = "",
            ["Logging:LogLevel:Default"] = "Information",
        });

        var answer = await app.GetAsync("/health/ready");

        Assert.Equal("sandbox", answer["checks", "upstream", "facts", "mode"].GetString());
        Assert.Single(app.Logs, line => line.StartsWith("SANDBOX", StringComparison.Ordinal)
            && line.Contains("REPLICATE_API_TOKEN", StringComparison.Ordinal));
    }

    /// <summary>The worker starts along with the server. The service is not ready before the worker's first round.</summary>
    private static async Task<Answer> ReadyAsync(GenApiApp app)
    {
        var answer = await app.GetAsync("/health/ready");
        for (var tries = 0; answer.Status != 200 && tries < 100; tries++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
            answer = await app.GetAsync("/health/ready");
        }
        return answer;
    }
}
