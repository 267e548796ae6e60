using System.Text;
using System.Text.Json;

namespace GenApi.Tests.Accounts;

/// <summary>The report of GET /usage at the command line.</summary>
public sealed class UsageVerbTests
{
    private static readonly Dictionary<string, string?> Prices = new() { ["Models:Prices:sandbox/partial:PerImage"] = "0.01" };

    [Fact]
    public async Task The_verb_tells_what_the_route_tells_while_the_service_runs_and_when_it_is_stopped()
    {
        await using var app = await Keys.StartAsync(Prices);
        var (id, shop) = await app.MakeAsync("=shop, the");
        for (var times = 0; times < 3; times++)
            await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/partial", seed = 1, num_outputs = 2 }, Keys.Of(shop));
        var json = (await app.GetAsync("/usage?group_by=key", Keys.AsAdmin)).Text;
        var csv = (await app.GetAsync("/usage?group_by=key", Keys.AsAdmin, ("Accept", "text/csv"))).Text;

        foreach (var isRunning in (bool[])[true, false])
        {
            if (!isRunning)
                await app.StopAsync();
            Assert.Equal(json + "\n", (await app.VerbAsync("usage", "--group-by", "key", "--json")).Output);
            Assert.Equal(csv, (await app.VerbAsync("usage", "--group-by", "key", "--csv")).Output);
            var (exitCode, table, errors) = await app.VerbAsync("usage", "--group-by", "key");
            Assert.Equal((0, $"Data directory: {app.DataDirectory}\n"), (exitCode, errors));
            var lines = table.Split('\n');
            Assert.StartsWith("replicate, 20", lines[0], StringComparison.Ordinal);
            Assert.Matches("^key +runs +images +hits +joined +saved USD +seconds +cost USD +unpriced$", lines[2]);
            Assert.Matches($"^{id} =shop, the +1 +1 +2 +0 +0\\.02 +[0-9]+ +0\\.01 +0$", lines[3]);
            Assert.Matches("^total +1 +1 +2 +0 +0\\.02 +[0-9]+ +0\\.01 +0$", lines[4]);
            Assert.Single(lines[2..5].Select(line => line.Length).Distinct());
        }
    }

    [Fact]
    public async Task What_the_route_refuses_is_refused_in_its_words_with_the_names_of_the_options()
    {
        await using var app = await Keys.StartAsync(Prices);
        var refused = await app.GetAsync("/usage?from=yesterday&to=2026-01-00&group_by=colour&key=me&upstream=openai", Keys.AsAdmin);

        var (exitCode, output, errors) = await app.VerbAsync(
            "usage", "--from", "yesterday", "--to", "2026-01-00", "--group-by", "colour", "--key", "me", "--upstream", "openai");

        Assert.Equal((400, 2, ""), (refused.Status, exitCode, output));
        var sentences = refused["errors"].EnumerateObject()
            .SelectMany(member => member.Value.EnumerateArray().Select(sentence => sentence.GetString()!)).ToList();
        Assert.Equal(5, sentences.Count);
        Assert.All(sentences, sentence => Assert.Contains(sentence, errors, StringComparison.Ordinal));
        Assert.Contains("--group-by: 'group_by' must be one of", errors, StringComparison.Ordinal);
        Assert.Equal(2, (await app.VerbAsync("usage", "--csv", "--json")).ExitCode);
    }

    [Fact]
    public async Task A_period_and_the_other_upstream_are_as_in_the_route()
    {
        await using var app = await Keys.StartAsync(Prices);
        await app.GenerateAsync(new { prompt = "a fox", model = "sandbox/partial", seed = 1, num_outputs = 2 }, Keys.AsAdmin);

        foreach (var (options, query) in ((string[], string)[])[(["--upstream", "sandbox"], "upstream=sandbox"),
            (["--from=2026-03-01", "--to=2026-03-31"], "from=2026-03-01&to=2026-03-31"), (["--key", "admin-key"], "key=admin-key")])
        {
            var told = JsonElement.Parse(Encoding.UTF8.GetBytes((await app.VerbAsync(["usage", "--json", .. options])).Output));
            Assert.Equal((await app.GetAsync($"/usage?{query}", Keys.AsAdmin)).Text, told.GetRawText());
        }
    }
}
