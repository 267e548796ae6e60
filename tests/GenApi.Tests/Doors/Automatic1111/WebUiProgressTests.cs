using GenApi.Sandbox.Control;
using GenApi.Tests.Accounts;

namespace GenApi.Tests.Doors.Automatic1111;

/// <summary>Progress and interrupt know no id: they are about the runs of a key.</summary>
public sealed class WebUiProgressTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(25);

    [Fact]
    public async Task An_interrupt_ends_the_runs_of_its_key_and_no_others()
    {
        await using var app = await Keys.StartAsync(sandbox: new SandboxOptions { Speed = 1 });
        var (one, other) = (WebUi.Basic((await app.MakeAsync("one")).Secret), WebUi.Basic((await app.MakeAsync("other")).Secret));
        var running = app.PostAsync(WebUi.Text, Slow(1), one);
        var others = app.PostAsync(WebUi.Text, Slow(2), other);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations == 2, TestContext.Current.CancellationToken);
        await RunningAsync(app, one);
        await RunningAsync(app, other);

        var interrupted = await app.PostAsync("/sdapi/v1/interrupt", null, one);
        var ended = await running;

        Assert.Equal((200, "{}"), (interrupted.Status, interrupted.Text));
        Assert.Equal(400, ended.Status);
        Assert.StartsWith("gen_", ended["generation_id"].GetString(), StringComparison.Ordinal);
        Assert.False(others.IsCompleted);
        Assert.Equal(1, (await app.GetAsync("/sdapi/v1/progress", other))["state", "job_count"].GetInt32());
        Assert.Equal(0, (await app.GetAsync("/sdapi/v1/progress", one))["state", "job_count"].GetInt32());
        await app.PostAsync("/sdapi/v1/skip", null, other);
        Assert.Equal(400, (await others).Status);
    }

    [Fact]
    public async Task An_interrupt_after_the_connection_broke_still_ends_the_run()
    {
        await using var app = await GenApiApp.StartAsync(sandbox: new SandboxOptions { Speed = 1 });
        using var left = new CancellationTokenSource();
        using var content = new StringContent("""{"prompt":"a","override_settings":{"sd_model_checkpoint":"sandbox/slow"}}""",
            System.Text.Encoding.UTF8, "application/json");
        var running = app.Client.PostAsync(WebUi.Text, content, left.Token);
        await app.Sandbox.Stats.WaitUntilAsync(stats => stats.Creations == 1, TestContext.Current.CancellationToken);
        await RunningAsync(app);
        await left.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Longest;)
        {
            if ((await app.GetAsync("/sdapi/v1/progress"))["state", "job_count"].GetInt32() == 0)
                break;
        }

        await app.PostAsync("/sdapi/v1/interrupt");

        var id = (await app.GetAsync("/generations"))["data"][0].GetProperty("id").GetString()!;
        Assert.Equal("canceled", (await Generations.Requests.EndedAsync(app, id)).State);
    }

    private static object Slow(int seed) =>
        new { prompt = "a", seed, width = 64, height = 64, override_settings = new { sd_model_checkpoint = "sandbox/slow" } };

    private static async Task RunningAsync(GenApiApp app, params (string, string)[] key)
    {
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Longest;)
        {
            var progress = await app.GetAsync("/sdapi/v1/progress", key);
            if (progress["state", "job_count"].GetInt32() == 1)
            {
                Assert.InRange(progress["progress"].GetDouble(), 0.01, 1);
                return;
            }
        }
        Assert.Fail("The run did not begin.");
    }
}
