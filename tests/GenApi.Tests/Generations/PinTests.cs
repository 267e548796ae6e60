using GenApi.Sandbox.Control;
using GenApi.Tests.Hosting;

namespace GenApi.Tests.Generations;

/// <summary>Tests that a pin shows everywhere, at once and permanently.</summary>
public sealed class PinTests
{
    [Fact]
    public async Task A_pin_is_a_change_once_and_is_told_wherever_the_generation_is()
    {
        await using var app = await GenApiApp.StartAsync();
        var made = await app.GenerateAsync(Requests.Small(1));
        var other = await app.GenerateAsync(Requests.Small(2));
        Assert.False(made["pinned"].GetBoolean());
        var before = (await app.GetAsync($"/generations/{made.Id}")).Header("ETag");

        var pinned = await app.PostAsync($"/generations/{made.Id}/pin");
        var after = await app.GetAsync($"/generations/{made.Id}");
        var again = await app.PostAsync($"/generations/{made.Id}/pin");

        Assert.Equal((200, true, 200), (pinned.Status, pinned["pinned"].GetBoolean(), again.Status));
        Assert.True(after["pinned"].GetBoolean());
        Assert.NotEqual(before, after.Header("ETag"));
        Assert.Equal(after.Header("ETag"), (await app.GetAsync($"/generations/{made.Id}")).Header("ETag"));
        var hit = await app.GenerateAsync(Requests.Small(1));
        Assert.Equal(("GenApi; hit", true), (hit.Header("Cache-Status"), hit["pinned"].GetBoolean()));
        Assert.Equal([made.Id], await ListAsync(app, "pinned=true"));
        Assert.Equal([other.Id], await ListAsync(app, "pinned=false&status=succeeded"));
        Assert.Equal([other.Id, made.Id], await ListAsync(app, "pinned="));

        await app.RestartAsync();
        Assert.True((await app.GetAsync($"/generations/{made.Id}"))["pinned"].GetBoolean());
        Assert.False((await app.DeleteAsync($"/generations/{made.Id}/pin"))["pinned"].GetBoolean());
        Assert.Equal(200, (await app.DeleteAsync($"/generations/{made.Id}/pin")).Status);
        Assert.Empty(await ListAsync(app, "pinned=true"));
    }

    [Fact]
    public async Task One_that_runs_can_be_pinned_and_a_deletion_does_not_ask()
    {
        await using var app = await GenApiApp.StartAsync();
        var held = app.Sandbox.Faults.Add(FaultKind.RunHeldProcessing);
        var made = await app.GenerateAsync(Requests.Small(1), ("Prefer", "respond-async"));
        await held.Reached.WaitAsync(TestContext.Current.CancellationToken);

        Assert.True((await app.PostAsync($"/generations/{made.Id}/pin"))["pinned"].GetBoolean());
        held.Release();
        Assert.True((await Requests.EndedAsync(app, made.Id))["pinned"].GetBoolean());

        Assert.Equal(204, (await app.DeleteAsync($"/generations/{made.Id}")).Status);
        BadInputTests.AssertProblem(await app.PostAsync($"/generations/{made.Id}/pin"), 404, "not_found");
        BadInputTests.AssertProblem(await app.DeleteAsync($"/generations/{made.Id}/pin"), 404, "not_found");
    }

    [Fact]
    public async Task A_filter_that_is_neither_true_nor_false_is_refused()
    {
        await using var app = await GenApiApp.StartAsync();

        var refused = await app.GetAsync("/generations?pinned=yes");

        BadInputTests.AssertProblem(refused, 400, "invalid_request");
        Assert.Contains("'pinned' must be true or false", refused.Text, StringComparison.Ordinal);
    }

    private static async Task<IEnumerable<string?>> ListAsync(GenApiApp app, string query) =>
        (await app.GetAsync($"/generations?{query}"))["data"].EnumerateArray().Select(row => row.GetProperty("id").GetString());
}
