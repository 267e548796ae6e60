using System.Text.Json;
using static GenApi.Tests.Sandbox.SandboxDriver;

namespace GenApi.Tests.Sandbox;

public sealed class ListTests
{
    [Fact]
    public async Task Pages_of_a_hundred_lead_through_all_and_back()
    {
        await using var sandbox = await AtFullSpeedAsync();
        for (var i = 0; i < 250; i++)
            await sandbox.CreateAsync();
        var newestFirst = sandbox.Server.Stats.CreatedIds.Reverse().ToArray();

        var first = await sandbox.GetAsync("v1/predictions");
        var second = await sandbox.GetAsync(first.GetProperty("next").GetString()!);
        var third = await sandbox.GetAsync(second.GetProperty("next").GetString()!);
        Assert.Equal((100, 100, 50), (Ids(first).Length, Ids(second).Length, Ids(third).Length));
        Assert.Equal(newestFirst, Ids(first).Concat(Ids(second)).Concat(Ids(third)));
        Assert.Null(third.GetProperty("next").GetString());
        Assert.Null(first.GetProperty("previous").GetString());

        // New rows do not shift the pages: a cursor is a position, not a count.
        await sandbox.CreateAsync();
        Assert.Equal(Ids(second), Ids(await sandbox.GetAsync(third.GetProperty("previous").GetString()!)));
        Assert.Equal(Ids(first), Ids(await sandbox.GetAsync(second.GetProperty("previous").GetString()!)));
    }

    [Fact]
    public async Task Created_after_is_inclusive_and_created_before_is_not()
    {
        await using var sandbox = await ByFakeClockAsync();
        var created = new List<JsonElement>();
        for (var i = 0; i < 3; i++)
        {
            created.Add(await sandbox.CreateAsync());
            sandbox.Time.Advance(TimeSpan.FromSeconds(1.0000007));
        }
        var middle = Uri.EscapeDataString(created[1].GetProperty("created_at").GetString()!);
        Assert.Equal([Id(created[2]), Id(created[1])], Ids(await sandbox.GetAsync($"v1/predictions?created_after={middle}")));
        Assert.Equal([Id(created[0])], Ids(await sandbox.GetAsync($"v1/predictions?created_before={middle}")));
    }

    [Fact]
    public async Task Rows_are_whole_but_for_the_logs()
    {
        await using var sandbox = await AtFullSpeedAsync();
        await sandbox.RunAsync();
        var row = (await sandbox.GetAsync("v1/predictions")).GetProperty("results")[0];
        Assert.Equal(42, row.GetProperty("input").GetProperty("seed").GetInt32());
        Assert.Equal(1, row.GetProperty("output").GetArrayLength());
        Assert.False(row.TryGetProperty("logs", out _));
    }

    [Theory]
    [InlineData("v1/predictions?cursor=nonsense!")]
    [InlineData("v1/predictions?created_after=yesterday")]
    public async Task Nonsense_is_refused(string path)
    {
        await using var sandbox = await AtFullSpeedAsync();
        using var response = await sandbox.Http.GetAsync(path, TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)response.StatusCode);
    }

    private static string[] Ids(JsonElement page) => [.. page.GetProperty("results").EnumerateArray().Select(Id)];
}
